"""asyncio's modules over these sockets: what they import and what they take `ssl` for."""
import asyncio
import asyncio.base_events
import asyncio.selector_events
import asyncio.sslproto
import asyncio.streams
import asyncio.trsock
import selectors
import socket
import ssl

from ends import connection
from observe import observe, observing


@observing("every module holds the same ssl and socket")
def _():
    modules = (asyncio.base_events, asyncio.selector_events, asyncio.sslproto)
    return [[module.ssl is ssl, getattr(module, "socket", socket) is socket] for module in modules]


observe("what sslproto waits for", lambda: [error.__name__ for error in asyncio.sslproto.SSLAgainErrors])
observe("states", lambda: [state.name for state in asyncio.sslproto.SSLProtocolState])
observe("errors of the module are those of Python", lambda: [asyncio.TimeoutError is TimeoutError, issubclass(asyncio.IncompleteReadError, EOFError)])
observe("a context that create_connection would make", lambda: type(asyncio.sslproto._create_transport_context(False, "localhost")).__name__)
observe("the same, without a name", lambda: asyncio.sslproto._create_transport_context(False, None).check_hostname)
observe("the same, for a server", lambda: asyncio.sslproto._create_transport_context(True, None))


@observing("a socket as transports show it")
def _():
    a, b = connection()
    with a, b:
        shown = asyncio.trsock.TransportSocket(a)
        return [shown.family == a.family, shown.type == a.type, shown.fileno() == a.fileno(), shown.getpeername() == b.getsockname(), shown.gettimeout(), hasattr(shown, "recv"), shown.setblocking(False), shown.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0]


@observing("TCP_NODELAY as asyncio sets it")
def _():
    a, b = connection()
    with a, b:
        a.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
        asyncio.base_events._set_nodelay(a)
        return a.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


for host in ("127.0.0.1", "::1", "localhost", None, "", b"127.0.0.1"):
    observe(f"address information of {host!r}", lambda: asyncio.base_events._ipaddr_info(host, 443, socket.AF_UNSPEC, socket.SOCK_STREAM, 0))

observe("the default selector has the needed methods", lambda: [hasattr(selectors.DefaultSelector, name) for name in ("register", "unregister", "modify", "select", "close", "get_key", "get_map")])
observe("buffers and limits", lambda: [asyncio.sslproto.SSLProtocol.max_size, asyncio.constants.SSL_HANDSHAKE_TIMEOUT, asyncio.constants.SSL_SHUTDOWN_TIMEOUT])
