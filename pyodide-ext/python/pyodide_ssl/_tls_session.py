"""``_ssl.SSLSession``."""

from pyodide_ssl._tls_arguments import getset_descriptor, not_instantiable
from pyodide_ssl._tls_bridge import Handle, bridge, to_bytes


def session(handle, context):
    """An ``SSLSession`` that was made with *context*, and keeps it."""
    self = object.__new__(SSLSession)
    self._handle = Handle(handle)
    self._context = context
    return self


@not_instantiable
class SSLSession:
    __module__ = "_ssl"
    __slots__ = ("_context", "_handle")
    __hash__ = None

    def __eq__(self, value, /):
        if type(value) is not SSLSession:
            return NotImplemented
        return bridge.sessionEquals(self._handle, value._handle)

    def __ne__(self, value, /):
        if type(value) is not SSLSession:
            return NotImplemented
        return not bridge.sessionEquals(self._handle, value._handle)

    def __lt__(self, value, /):
        return NotImplemented

    __le__ = __gt__ = __ge__ = __lt__

    @getset_descriptor
    def has_ticket(self):
        """Does the session contain a ticket?"""
        return bridge.sessionHasTicket(self._handle)

    @getset_descriptor
    def id(self):
        """Session ID."""
        return to_bytes(bridge.sessionId(self._handle))

    @getset_descriptor
    def ticket_lifetime_hint(self):
        """Ticket life time hint."""
        return bridge.sessionTicketLifetimeHint(self._handle)

    @getset_descriptor
    def time(self):
        """Session creation time (seconds since epoch)."""
        return bridge.sessionTime(self._handle)

    @getset_descriptor
    def timeout(self):
        """Session timeout (delta in seconds)."""
        return bridge.sessionTimeout(self._handle)
