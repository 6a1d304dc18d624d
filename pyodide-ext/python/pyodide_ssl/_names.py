"""Names and numeric addresses: getaddrinfo(3), getnameinfo(3) and their relatives in ``socketmodule.c``."""

import json
import operator
import sys

import _socket_builtin as _builtin
from _pyodide_ssl_js import io as _io
from _socket_builtin import AF_INET, AF_INET6, AF_UNSPEC, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM

from pyodide_ssl._blocking import result_of
from pyodide_ssl._interfaces import zone_name, zone_number
from pyodide_ssl._inet6 import inet_ntop6, inet_pton6
from pyodide_ssl._os_error import os_error

herror = _builtin.herror

_SERVICES = {
    "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "time": 37, "domain": 53, "gopher": 70, "finger": 79,
    "http": 80, "pop3": 110, "sunrpc": 111, "nntp": 119, "ntp": 123, "imap2": 143, "snmp": 161, "irc": 194, "ldap": 389,
    "https": 443, "submissions": 465, "submission": 587, "ldaps": 636, "domain-s": 853, "ftps-data": 989, "ftps": 990,
    "telnets": 992, "imaps": 993, "ircs": 994, "pop3s": 995, "socks": 1080, "ms-sql-s": 1433, "mqtt": 1883, "mysql": 3306,
    "postgresql": 5432, "amqps": 5671, "amqp": 5672, "redis": 6379, "http-alt": 8080, "secure-mqtt": 8883,
}  # fmt: skip
_SERVICE_ALIASES = {"www": 80, "imap": 143, "pop-3": 110, "mail": 25, "smtps": 465}
# Those that UDP has too.
_UDP_SERVICES = frozenset((37, 53, 111, 123, 161, 443, 636, 853))
_NAMES = {port: name for name, port in _SERVICES.items()}

# What getaddrinfo gives for each address, in glibc's order: socket type, protocol.
_KINDS = ((SOCK_STREAM, 6), (SOCK_DGRAM, 17), (SOCK_RAW, 0))

_AI_PASSIVE, _AI_CANONNAME, _AI_NUMERICHOST, _AI_NUMERICSERV = 1, 2, 4, 0x400
_NI_NUMERICHOST, _NI_NUMERICSERV, _NI_NAMEREQD = 1, 2, 8


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    """getaddrinfo(host, port [, family, type, proto, flags])
        -> list of (family, type, proto, canonname, sockaddr)

    Resolve host and port into addrinfo struct."""
    name = _host_argument(host)
    service = _service_argument(port)
    sys.audit("socket.getaddrinfo", host, port, family, type, proto)
    if name is None and service is None:
        raise os_error("EAI_NONAME")
    if family not in (AF_UNSPEC, AF_INET, AF_INET6):
        raise os_error("EAI_FAMILY")
    kinds = _kinds_of(type, proto)
    number, is_named = _port_of(service, flags)
    if is_named:
        known = (SOCK_STREAM, SOCK_DGRAM) if number in _UDP_SERVICES else (SOCK_STREAM,)
        kinds = [(kind, protocol) for kind, protocol in kinds if kind in known]
        if not kinds:
            raise os_error("EAI_SERVICE")
    addresses = _addresses_of(name, family, flags)
    canonical = (name or "") if flags & _AI_CANONNAME else ""
    result = []
    for index, (found, address) in enumerate(addresses):
        for kind, protocol in kinds:
            sockaddr = (address, number) if found == AF_INET else _sockaddr6(address, number)
            result.append((found, kind, protocol, canonical, sockaddr))
            canonical = ""
    return result


def resolve(host, family):
    """The first numeric address of *host*, as ``setipaddr`` in socketmodule.c finds it: "" is the wildcard address."""
    if host == "":
        return "::" if family == AF_INET6 else "0.0.0.0"
    if host in ("<broadcast>", "255.255.255.255"):
        if family == AF_INET6:
            raise OSError("address family mismatched")
        return "255.255.255.255"
    return _addresses_of(host, family, 0)[0][1]


def host_name(host):
    """A host argument as ``idna_converter`` in socketmodule.c takes it: str, bytes or bytearray."""
    if isinstance(host, (bytes, bytearray)):
        text = bytes(host).decode("ascii", "surrogateescape")
    elif isinstance(host, str):
        text = host
        if not host.isascii():
            try:
                text = host.encode("idna").decode("ascii")
            except UnicodeError as error:
                raise TypeError("encoding of hostname failed") from error
    else:
        raise TypeError(f"str, bytes or bytearray expected, not {type(host).__name__}")
    if "\0" in text:
        raise TypeError("host name must not contain null character")
    return text


def gethostbyname(host):
    """gethostbyname(host) -> address

    Return the IP address (a string of the form '255.255.255.255') for a host."""
    return resolve(_idna(host, "gethostbyname"), AF_INET)


def gethostbyname_ex(host):
    """gethostbyname_ex(host) -> (name, aliaslist, addresslist)

    Return the true host name, a list of aliases, and a list of IP addresses,
    for a host.  The host argument is a string giving a host name or IP number."""
    name = _idna(host, "gethostbyname_ex")
    return name, [], [address for _, address in _addresses_of(name, AF_INET, 0)]


def gethostbyaddr(host):
    """gethostbyaddr(host) -> (name, aliaslist, addresslist)

    Return the true host name, a list of aliases, and a list of IP addresses,
    for a host.  The host argument is a string giving a host name or IP number."""
    address = resolve(_idna(host, "gethostbyaddr"), AF_UNSPEC)
    name = _name_of(address)
    if not name:
        raise herror(1, "Unknown host")
    return name, [], [address]


def getnameinfo(sockaddr, flags):
    """getnameinfo(sockaddr, flags) --> (host, port)

    Get host and port for a sockaddr."""
    if not isinstance(sockaddr, tuple):
        # Not held by the traceback: natively an argument is not.
        del sockaddr
        raise TypeError("getnameinfo() argument 1 must be a tuple")
    if not 2 <= len(sockaddr) <= 4 or not isinstance(sockaddr[0], str):
        raise TypeError("getnameinfo(): illegal sockaddr argument")
    operator.index(sockaddr[1])
    if len(sockaddr) > 2 and not 0 <= sockaddr[2] <= 0xFFFFF:
        raise OverflowError("getnameinfo(): flowinfo must be 0-1048575.")
    sys.audit("socket.getnameinfo", sockaddr)
    family, address = _addresses_of(sockaddr[0], AF_UNSPEC, _AI_NUMERICHOST)[0]
    if family == AF_INET and len(sockaddr) != 2:
        raise OSError("IPv4 sockaddr must be 2 tuple")
    name = "" if flags & _NI_NUMERICHOST else _name_of(address)
    if not name and flags & _NI_NAMEREQD:
        raise os_error("EAI_NONAME")
    if len(sockaddr) == 4 and sockaddr[3] and "%" not in address:
        address = f"{address}%{zone_name(sockaddr[3])}"
    port = sockaddr[1] & 0xFFFF
    service = str(port) if flags & _NI_NUMERICSERV else _NAMES.get(port, str(port))
    return name or address, service


def getservbyname(servicename, protocolname=None):
    """getservbyname(servicename[, protocolname]) -> integer

    Return a port number from a service name and protocol name.
    The optional protocol name, if given, should be 'tcp' or 'udp',
    otherwise any protocol will match."""
    sys.audit("socket.getservbyname", servicename, protocolname or "")
    port = _SERVICES.get(servicename, _SERVICE_ALIASES.get(servicename))
    if port is None or protocolname not in (None, "tcp", "udp"):
        raise OSError("service/proto not found")
    return port


def getservbyport(port, protocolname=None):
    """getservbyport(port[, protocolname]) -> string

    Return the service name from a port number and protocol name.
    The optional protocol name, if given, should be 'tcp' or 'udp',
    otherwise any protocol will match."""
    if not 0 <= operator.index(port) <= 0xFFFF:
        raise OverflowError("getservbyport: port must be 0-65535.")
    sys.audit("socket.getservbyport", port, protocolname or "")
    if port not in _NAMES or protocolname not in (None, "tcp", "udp"):
        raise OSError("port/proto not found")
    return _NAMES[port]


def inet_pton(address_family, ip_string, /):
    """inet_pton(af, ip) -> packed IP address string

    Convert an IP address from string format to a packed string suitable
    for use with low-level network functions."""
    if address_family != AF_INET6:
        return _builtin.inet_pton(address_family, ip_string)
    packed = inet_pton6(ip_string)
    if packed is None:
        raise OSError("illegal IP address string passed to inet_pton")
    return packed


def inet_ntop(address_family, packed_ip, /):
    """inet_ntop(af, packed_ip) -> string formatted IP address

    Convert a packed IP address of the given family to string format."""
    if address_family != AF_INET6:
        return _builtin.inet_ntop(address_family, packed_ip)
    packed = bytes(packed_ip)
    if len(packed) != 16:
        raise ValueError("invalid length of packed IP address string")
    return inet_ntop6(packed)


def _addresses_of(host, family, flags):
    """Pairs of family and numeric address, in the order to try; raises gaierror when there is none."""
    if host is None:
        addresses = [(AF_INET6, "::1"), (AF_INET, "127.0.0.1")]
        if flags & _AI_PASSIVE:
            addresses = [(AF_INET, "0.0.0.0"), (AF_INET6, "::")]
        return [pair for pair in addresses if family == pair[0] or (not family and (pair[0] == AF_INET or _io.hasIpv6))]
    numeric = _numeric(host)
    if numeric:
        if family not in (AF_UNSPEC, numeric[0]):
            raise os_error("EAI_ADDRFAMILY")
        return [numeric]
    if host == "" or flags & _AI_NUMERICHOST:
        raise os_error("EAI_NONAME")
    if host == _builtin.gethostname() and family != AF_INET6:
        return [(AF_INET, "127.0.0.1")]
    wanted = {AF_UNSPEC: 0, AF_INET: 4, AF_INET6: 6}[family]
    answer = json.loads(result_of(lambda: _io.lookup(host, wanted), f"look up the name {host!r}"))
    if "code" in answer:
        raise os_error(answer["code"])
    return [(AF_INET if found["family"] == 4 else AF_INET6, found["host"]) for found in answer["addresses"]]


def _numeric(host):
    """Family and canonical form of a numeric address; None for a name."""
    if ":" in host:
        plain, _, zone = host.partition("%")
        packed = inet_pton6(plain)
        if packed is None or (zone and zone_number(zone) is None):
            return None
        return AF_INET6, inet_ntop6(packed) + (f"%{zone}" if zone else "")
    if host[:1].isdigit():
        try:
            return AF_INET, _builtin.inet_ntoa(_builtin.inet_aton(host))
        except OSError:
            return None
    return None


def _sockaddr6(address, port):
    plain, _, zone = address.partition("%")
    return plain, port, 0, zone_number(zone) or 0


def _name_of(address):
    """The name of a numeric address; empty when nobody knows one."""
    if address.startswith("127.") or address == "::1":
        return "localhost"
    return _io.nameFor(address) or result_of(lambda: _io.reverse(address), f"look up the address {address}")


def _idna(host, caller):
    """A host argument as the format unit ``et`` with "idna" takes it."""
    if isinstance(host, (bytes, bytearray)):
        return bytes(host).decode("ascii")
    if not isinstance(host, str):
        found = "None" if host is None else type(host).__name__
        raise TypeError(f"{caller}() argument 1 must be str, bytes or bytearray, not {found}")
    return host.encode("idna").decode("ascii")


def _host_argument(host):
    if host is None:
        return None
    if isinstance(host, str):
        return host.encode("idna").decode("ascii")
    if isinstance(host, bytes):
        return host.decode("ascii", "surrogateescape")
    raise TypeError("getaddrinfo() argument 1 must be string or None")


def _service_argument(port):
    if port is None:
        return None
    if isinstance(port, bytes):
        return port.decode("ascii", "surrogateescape")
    if isinstance(port, str) or type(port) is int:
        return str(port).encode().decode()
    raise OSError("Int or String expected")


def _kinds_of(type, proto):
    """The pairs of socket type and protocol that fit, as glibc's ``gaih_inet`` picks them: all, or the first that fits."""
    if not type and not proto:
        return list(_KINDS)
    for kind, protocol in _KINDS:
        if type in (0, kind) and (proto in (0, protocol) or kind == SOCK_RAW):
            return [(kind, proto if kind == SOCK_RAW else protocol)]
    raise os_error("EAI_SOCKTYPE" if type else "EAI_SERVICE")


def _port_of(service, flags):
    """The port of a service, and whether it was given by name."""
    if service is None:
        return 0, False
    if service.isascii() and service.isdigit():
        return int(service) & 0xFFFF, False
    if flags & _AI_NUMERICSERV:
        raise os_error("EAI_NONAME")
    port = _SERVICES.get(service, _SERVICE_ALIASES.get(service))
    if port is None:
        raise os_error("EAI_SERVICE")
    return port, True
