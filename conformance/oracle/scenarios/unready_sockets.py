"""`SSLSocket`s that are not connected, not shaken hands with, or listening: what each attribute and method says."""
import socket
import warnings

from ends import Sockets, client_context, server_context
from observe import observe

CALLS = {
    "version": lambda tls: tls.version(),
    "cipher": lambda tls: tls.cipher(),
    "compression": lambda tls: tls.compression(),
    "shared_ciphers": lambda tls: tls.shared_ciphers(),
    "pending": lambda tls: tls.pending(),
    "getpeercert": lambda tls: tls.getpeercert(),
    "getpeercert(True)": lambda tls: tls.getpeercert(True),
    "get_verified_chain": lambda tls: tls.get_verified_chain(),
    "get_unverified_chain": lambda tls: tls.get_unverified_chain(),
    "selected_alpn_protocol": lambda tls: tls.selected_alpn_protocol(),
    "selected_npn_protocol": lambda tls: tls.selected_npn_protocol(),
    "get_channel_binding": lambda tls: tls.get_channel_binding(),
    "get_channel_binding of no type": lambda tls: tls.get_channel_binding("none"),
    "get_channel_binding of a number": lambda tls: tls.get_channel_binding(5),
    "session": lambda tls: tls.session,
    "session_reused": lambda tls: tls.session_reused,
    "set session": lambda tls: setattr(tls, "session", 5),
    "context": lambda tls: type(tls.context).__name__,
    "set context": lambda tls: setattr(tls, "context", client_context()),
    "set context to a number": lambda tls: setattr(tls, "context", 5),
    "server_hostname": lambda tls: tls.server_hostname,
    "server_side": lambda tls: tls.server_side,
    "read": lambda tls: tls.read(1),
    "write": lambda tls: tls.write(b"x"),
    "recv": lambda tls: tls.recv(1),
    "recv_into": lambda tls: tls.recv_into(bytearray(1)),
    "send": lambda tls: tls.send(b"x"),
    "sendall": lambda tls: tls.sendall(b"x"),
    "recvfrom": lambda tls: tls.recvfrom(1),
    "recvfrom_into": lambda tls: tls.recvfrom_into(bytearray(1)),
    "sendto": lambda tls: tls.sendto(b"x", ("127.0.0.1", 9)),
    "sendmsg": lambda tls: tls.sendmsg([b"x"]),
    "recvmsg": lambda tls: tls.recvmsg(1),
    "recvmsg_into": lambda tls: tls.recvmsg_into([bytearray(1)]),
    "do_handshake": lambda tls: tls.do_handshake(),
    "unwrap": lambda tls: tls.unwrap(),
    "verify_client_post_handshake": lambda tls: tls.verify_client_post_handshake(),
    "accept": lambda tls: tls.accept(),
    "dup": lambda tls: tls.dup(),
    "getpeername": lambda tls: len(tls.getpeername()),
    "repr": lambda tls: repr(tls).split(" ")[0],
    "nothing": lambda tls: tls.no_such_thing,
}

def unconnected(use):
    with client_context().wrap_socket(socket.socket(), server_hostname="localhost") as tls:
        tls.setblocking(False)
        return use(tls)


def unshaken(use):
    with Sockets(handshake=False, timeout=0) as pair:
        return use(pair.client)


def unshaken_server(use):
    with Sockets(handshake=False, timeout=0) as pair:
        return use(pair.server)


def listening(use):
    with server_context().wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True) as tls:
        tls.setblocking(False)
        return use(tls)


def closed(use):
    with client_context().wrap_socket(socket.socket(), server_hostname="localhost") as tls:
        pass
    return use(tls)


warnings.simplefilter("ignore", DeprecationWarning)
for state in (unconnected, unshaken, unshaken_server, listening, closed):
    for name, call in CALLS.items():
        observe(f"{state.__name__}: {name}", lambda: state(call))

observe("a server connects", lambda: listening(lambda tls: tls.connect(("127.0.0.1", 9))))
observe("a server connects with an error number", lambda: listening(lambda tls: tls.connect_ex(("127.0.0.1", 9))))
observe("a pair connects", lambda: unshaken(lambda tls: tls.connect(("127.0.0.1", 9))))
