"""``_ssl.SSLSession``."""

from pyodide_ssl._c_types import c_type
from pyodide_ssl._tls_arguments import getset_descriptor
from pyodide_ssl._tls_bridge import Handle, bridge, to_bytes


def session(handle, context):
    """An ``SSLSession`` that was made with *context*, and keeps it."""
    return _new((Handle(handle), context))


def session_handle(self):
    """The number of an ``SSLSession``."""
    return _state(self)[0]


class SSLSession:
    __module__ = "_ssl"
    __slots__ = ("_state",)
    __hash__ = None

    def __eq__(self, value, /):
        if type(value) is not SSLSession:
            return NotImplemented
        return bridge.sessionEquals(session_handle(self), session_handle(value))

    def __ne__(self, value, /):
        if type(value) is not SSLSession:
            return NotImplemented
        return not bridge.sessionEquals(session_handle(self), session_handle(value))

    def __lt__(self, value, /):
        return NotImplemented

    __le__ = __gt__ = __ge__ = __lt__

    @getset_descriptor
    def has_ticket(self):
        """Does the session contain a ticket?"""
        return bridge.sessionHasTicket(session_handle(self))

    @getset_descriptor
    def id(self):
        """Session ID."""
        return to_bytes(bridge.sessionId(session_handle(self)))

    @getset_descriptor
    def ticket_lifetime_hint(self):
        """Ticket life time hint."""
        return bridge.sessionTicketLifetimeHint(session_handle(self))

    @getset_descriptor
    def time(self):
        """Session creation time (seconds since epoch)."""
        return bridge.sessionTime(session_handle(self))

    @getset_descriptor
    def timeout(self):
        """Session timeout (delta in seconds)."""
        return bridge.sessionTimeout(session_handle(self))


_state, _new = c_type(SSLSession, can_be_called=False)
