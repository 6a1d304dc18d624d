"""options: what may be set, what is read back, what is warned of."""
import ssl
import warnings

import _ssl
from observe import observe, observing


def raw(*values):
    context = _ssl._SSLContext(16)
    context.options = 0
    for value in values:
        context.options = value
    return context.options


def warned(function):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = function()
        except Exception as error:
            result = error
    return [result, [[warning.category.__name__, str(warning.message), warning.filename.rpartition("/")[2], warning.lineno] for warning in caught]]


observe("at first", lambda: [_ssl._SSLContext(16).options, _ssl._SSLContext(17).options, repr(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).options)])
observe("of the default contexts", lambda: [repr(ssl.create_default_context().options), repr(ssl._create_stdlib_context().options)])
for name, option in ssl.Options.__members__.items():
    observe(name, lambda: warned(lambda: raw(int(option))))
for bit in (31, 32, 40, 63):
    observe(f"bit {bit}", lambda: warned(lambda: raw(1 << bit)))
observe("negative", lambda: warned(lambda: raw(-1)))
observe("very negative", lambda: warned(lambda: raw(-(1 << 70))))
observe("too large", lambda: warned(lambda: raw(1 << 64)))
observe("True", lambda: raw(True))
observe("a float", lambda: raw(1.0))
observe("a text", lambda: raw("4"))
observe("None", lambda: raw(None))
observe("an object with an index", lambda: raw(type("Index", (), {"__index__": lambda self: 4})()))
observe("deleted", lambda: delattr(_ssl._SSLContext(16), "options"))


@observing("a version switched off twice is warned of once")
def _():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def switch():
        context.options |= ssl.OP_NO_TLSv1_2
        context.options |= ssl.OP_NO_TLSv1_2
        context.options &= ~ssl.OP_NO_TLSv1_2
        context.options |= ssl.OP_NO_TLSv1_3
        return repr(context.options)

    return warned(switch)


@observing("a warning that is an error changes nothing")
def _():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    before = context.options
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            context.options |= ssl.OP_NO_TLSv1_2
        except DeprecationWarning as error:
            return [str(error), context.options == before]
