"""asyncio over these sockets: connections, servers, datagrams and TLS for Pyodide's event loop.

Pyodide's ``WebLoop`` schedules with JavaScript's timers, and has no networking. CPython's own is in ``BaseSelectorEventLoop``, which
needs of its loop only a selector that tells when a socket is ready: so its methods become ``WebLoop``'s, over a selector that
JavaScript's streams wake. Follows ``Lib/asyncio/selector_events.py``.
"""

import selectors
import weakref
from asyncio.base_events import BaseEventLoop
from asyncio.selector_events import BaseSelectorEventLoop
from selectors import EVENT_READ, EVENT_WRITE

from _pyodide_ssl_js import io as _io
from pyodide.webloop import WebLoop

from pyodide_ssl._blocking import READY
from pyodide_ssl._os_error import os_error

_FIRST_SOCKET_NUMBER = 65536
# poll(2): a socket that failed or hung up is ready for anything.
_POLLIN, _POLLOUT, _ENDED, _POLLNVAL = 1, 4, 8 | 16, 32

# What only calls other methods, and so is the same for every loop.
_OF_BASE = (
    "_check_sendfile_params",
    "_connect_sock",
    "_create_connection_transport",
    "_create_server_getaddrinfo",
    "_ensure_resolved",
    "_sendfile_fallback",
    "_sock_sendfile_fallback",
    "_sock_sendfile_native",
    "connect_accepted_socket",
    "create_connection",
    "create_datagram_endpoint",
    "create_server",
    "sendfile",
    "sock_sendfile",
    "start_tls",
)
# How a loop of its own lives: WebLoop has that from JavaScript.
_NOT_OF_SELECTOR = {"close", "_close_self_pipe", "_make_self_pipe", "_process_self_data", "_read_from_self", "_write_to_self"}


class _SocketEvents(selectors._BaseSelectorImpl):
    """A selector that is not asked: it has its loop call what is registered, for as long as the socket is ready."""

    def __init__(self, loop):
        super().__init__()
        self._loop = loop
        self._watches = {}

    def register(self, fileobj, events, data=None):
        key = super().register(fileobj, events, data)
        if key.fd < _FIRST_SOCKET_NUMBER:
            super().unregister(fileobj)
            raise os_error("EPERM")
        self._watch(key.fd)
        return key

    def unregister(self, fileobj):
        key = super().unregister(fileobj)
        watch = self._watches.pop(key.fd, None)
        if watch is not None:
            watch.cancel()
        return key

    def close(self):
        for watch in self._watches.values():
            watch.cancel()
        self._watches.clear()
        super().close()

    def select(self, timeout=None):
        """Nobody waits in the loop: JavaScript's goes on."""
        return []

    def _watch(self, fd):
        key = self._fd_to_key.get(fd)
        if key is None or fd in self._watches:
            return
        read = _POLLIN if key.events & EVENT_READ else 0
        write = _POLLOUT if key.events & EVENT_WRITE else 0
        watch = self._watches[fd] = _io.watch(fd, read | write | _ENDED)
        watch.settled.then(lambda outcome: self._settled(key, watch, outcome))

    def _settled(self, key, watch, outcome):
        if self._watches.get(key.fd) is not watch:
            return
        del self._watches[key.fd]
        events = _io.events(key.fd)
        # A socket that was closed without a word, or an interpreter that ends.
        if outcome != READY or events & _POLLNVAL:
            return
        # What is registered now: the callbacks may be others than when the wait began.
        key = self._fd_to_key[key.fd]
        readable = EVENT_READ if events & (_POLLIN | _ENDED) else 0
        writable = EVENT_WRITE if events & (_POLLOUT | _ENDED) else 0
        self._loop._process_events([(key, key.events & (readable | writable))])
        # After the callbacks, which come first in the queue.
        self._loop.call_soon(self._watch, key.fd)


class _OfEachLoop:
    """What a loop gets when it first needs it: ``__init__`` of the loops that exist is over."""

    def __init__(self, name, make):
        self._name = name
        self._make = make

    def __get__(self, loop, _owner=None):
        value = vars(loop)[self._name] = self._make(loop)
        return value


def _add_callback(self, handle):
    self.call_soon(_run, handle)


def _run(handle):
    if not handle._cancelled:
        handle._run()


_before = {}


def provide():
    """Let Pyodide's event loops, those of threads too, make connections and servers."""
    methods = {name: vars(BaseEventLoop)[name] for name in _OF_BASE}
    methods |= {
        name: value
        for name, value in vars(BaseSelectorEventLoop).items()
        if name not in _NOT_OF_SELECTOR and not name.startswith("__")
    }
    methods["_add_callback"] = _add_callback
    methods["_selector"] = _OfEachLoop("_selector", _SocketEvents)
    methods["_transports"] = _OfEachLoop("_transports", lambda _loop: weakref.WeakValueDictionary())
    for name, value in methods.items():
        _before[name] = vars(WebLoop).get(name)
        setattr(WebLoop, name, value)


def withdraw():
    """Give ``WebLoop`` back what it had."""
    for name, value in _before.items():
        if value is None:
            delattr(WebLoop, name)
        else:
            setattr(WebLoop, name, value)
    _before.clear()
