"""Names and addresses: the resolver's family of functions, with numbers, `localhost` and nonsense."""
import socket

from ends import raised
from observe import observe

V4, V6, STREAM = socket.AF_INET, socket.AF_INET6, socket.SOCK_STREAM

for value in ("127.0.0.1", "0.0.0.0", "255.255.255.255", "127.1", "127.0.1", "0x7f.1", "017.0.0.1", "2130706433", "256.0.0.1", "1.2.3.4.5", "", " 127.0.0.1", "127.0.0.1 x", "a.b", 5, b"127.0.0.1"):
    observe(f"inet_aton {value!r}", lambda: socket.inet_aton(value))
    observe(f"inet_pton {value!r}", lambda: socket.inet_pton(V4, value))
for value in ("::", "::1", "1::", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "FE80::1", "fe80::1%1", "1:2", ":::", "1::2::3", "12345::", "::g", ""):
    observe(f"inet_pton6 {value!r}", lambda: socket.inet_pton(V6, value))
for value in (b"\x7f\0\0\1", b"\0" * 4, b"123", b"", "abcd", bytearray(4), 5):
    observe(f"inet_ntoa {value!r}", lambda: socket.inet_ntoa(value))
    observe(f"inet_ntop {value!r}", lambda: socket.inet_ntop(V4, value))
for value in ("00" * 16, "00" * 15 + "01", "20010db8" + "00" * 11 + "01", "00" * 10 + "ffff01020304", "0001" * 8, "00010000" * 4, "fe80" + "00" * 13 + "01", "00" * 15):
    observe(f"inet_ntop6 {value}", lambda: socket.inet_ntop(V6, bytes.fromhex(value)))
observe("inet_pton of a family that is none", lambda: socket.inet_pton(99, "x"))
observe("inet_ntop of a family that is none", lambda: socket.inet_ntop(99, b"x"))
for name in ("htons", "ntohs", "htonl", "ntohl"):
    for value in (1, 0x1234, 0xFFFF, 0x10000, -1, 1 << 32, 1.5, "1"):
        observe(f"{name} {value!r}", lambda: getattr(socket, name)(value))

for arguments in (
    ("127.0.0.1", 80, V4, STREAM),
    ("::1", 80, V6, STREAM),
    ("127.0.0.1", 80, V6, STREAM),
    ("::1", 80, V4, STREAM),
    ("127.0.0.1", "443", V4, STREAM),
    ("127.0.0.1", b"443", V4, STREAM),
    ("127.0.0.1", "https", V4, STREAM),
    ("127.0.0.1", None, V4, STREAM),
    ("127.0.0.1", "70000", V4, STREAM),
    ("127.0.0.1", -1, V4, STREAM),
    ("127.0.0.1", 80, V4, 77),
    ("127.0.0.1", 80, V4, STREAM, 99),
    (b"127.0.0.1", 80, V4, STREAM),
    (None, 80, V4, STREAM, 0, socket.AI_PASSIVE),
    (None, 80, V4, STREAM),
    (None, 80, V6, STREAM, 0, socket.AI_PASSIVE),
    (None, None),
    ("127.0.0.1", 80, V4, STREAM, 0, socket.AI_NUMERICHOST | socket.AI_NUMERICSERV),
    ("localhost", 80, V4, STREAM, 0, socket.AI_NUMERICHOST),
    ("127.0.0.1", "http", V4, STREAM, 0, socket.AI_NUMERICSERV),
    ("localhost", 80, V4, STREAM),
    ("a\0b", 80),
    ("x" * 300, 80),
):
    observe(f"getaddrinfo {tuple(str(part) for part in arguments)!r}"[:160], lambda: socket.getaddrinfo(*arguments))

for arguments in (
    (("127.0.0.1", 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV),
    (("127.0.0.1", 443), socket.NI_NUMERICHOST),
    (("::1", 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV),
    (("::1", 80, 0, 0), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV),
    (("192.0.2.1", 80), socket.NI_NAMEREQD),
    (("127.0.0.1",), 0),
    ("127.0.0.1", 0),
    (("127.0.0.1", "x"), 0),
    (("localhost.", 80), socket.NI_NUMERICHOST),
    (("127.0.0.1", 80, -1), socket.NI_NUMERICHOST),
):
    observe(f"getnameinfo {arguments!r}", lambda: raised(lambda: socket.getnameinfo(*arguments)))

for value in ("127.0.0.1", "0.0.0.0", "localhost", "255.255.255.255", "<broadcast>", "1.2.3", 5, None):
    observe(f"gethostbyname {value!r}", lambda: socket.gethostbyname(value))
observe("gethostbyname_ex of a number", lambda: socket.gethostbyname_ex("127.0.0.1"))
for name in ("http", "https", "ssh", "domain", "no-such-service", ""):
    observe(f"getservbyname {name!r}", lambda: socket.getservbyname(name, "tcp"))
for port in (80, 443, 22, 70000, -1, "80"):
    observe(f"getservbyport {port!r}", lambda: socket.getservbyport(port, "tcp"))
observe("getservbyname of a protocol that is none", lambda: socket.getservbyname("http", "none"))
for name in ("tcp", "udp", "none"):
    observe(f"getprotobyname {name!r}", lambda: socket.getprotobyname(name))
observe("has_ipv6", lambda: socket.has_ipv6)
observe("a host name", lambda: [type(socket.gethostname()).__name__, len(socket.gethostname()) > 0, type(socket.getfqdn()).__name__])
