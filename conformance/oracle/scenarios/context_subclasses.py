"""Classes derived from SSLContext."""
import abc
import ssl

from memory_pair import Pair, server_context
from observe import observe, observing, pki


class Abstract(ssl.SSLContext, metaclass=abc.ABCMeta):
    pass


class Named(ssl.SSLContext):
    """Has attributes with the names that an implementation might like for its own."""

    _state = _handle = _protocol = _password = None

    def __init__(self, *args, **kwargs):
        super().__init__()
        self._state, self._handle, self._protocol, self._password, self._kept = "a", "b", "c", "d", "e"


class Slotted(ssl.SSLContext):
    __slots__ = ("extra",)


class Checked(ssl.SSLContext):
    def __new__(cls, protocol, name):
        self = super().__new__(cls, protocol)
        self.name = name
        return self

    @property
    def verify_mode(self):
        return "mine"


class Raw(ssl._ssl._SSLContext):
    pass


@observing("with a metaclass")
def _():
    context = Abstract(ssl.PROTOCOL_TLS_CLIENT)
    return [type(Abstract).__name__, context.verify_mode, isinstance(context, ssl.SSLContext)]


@observing("with private names of its own")
def _():
    context = Named(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(pki["ca"])
    pair = Pair(client=context).handshake()
    seen = [context._state, context._handle, context._protocol, context._password, context._kept]
    return seen + [pair.client.version() is not None, context.protocol, sorted(vars(context))]


@observing("with slots")
def _():
    context = Slotted(ssl.PROTOCOL_TLS_SERVER)
    context.extra = 1
    return [context.extra, context.protocol]


@observing("with another constructor")
def _():
    context = Checked(ssl.PROTOCOL_TLS_CLIENT, "mine")
    return [context.name, context.verify_mode, super(Checked, context).verify_mode]


@observing("of the type of _ssl")
def _():
    context = Raw(ssl.PROTOCOL_TLS_CLIENT)
    context.anything = 1
    return [context.anything, context.check_hostname, context.verify_mode, repr(type(context))]


@observing("with connections of its own class")
def _():
    class Connection(ssl.SSLObject):
        def hello(self):
            return "hello"

    class Context(ssl.SSLContext):
        sslobject_class = Connection

    context = Context(ssl.PROTOCOL_TLS_CLIENT)
    return context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost").hello()


@observing("as a class of the object")
def _():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.__class__ = type("Other", (ssl.SSLContext,), {})
    return [type(context).__name__, context.check_hostname]


@observing("an object of another class")
def _():
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).__class__ = ssl._ssl._SSLContext


@observing("an attribute of its own")
def _():
    context = server_context()
    context.anything = 1
    return [context.anything, vars(context)]


observe("without a protocol", lambda: Abstract())
observe("too many arguments", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT, 1))
observe("an unknown keyword", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT, x=1))
