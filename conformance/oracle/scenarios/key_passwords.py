"""Passwords of private keys, as load_cert_chain takes them."""
import os
import ssl

from observe import observe, observing, pki

# Who asks a terminal for the password finds none here, and nothing to read in its place.
null = os.open(os.devnull, os.O_RDONLY)
try:
    os.dup2(null, 0)
except OSError:
    pass

FILES = [pki["good.chain"], pki["good.encryptedKey"]]
PASSWORD = pki["password"]


def load(password=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    return context.load_cert_chain(*FILES, password)


def raising():
    raise LookupError("no password")


class Asked:
    def __init__(self, answer):
        self.answer, self.count = answer, 0

    def __call__(self):
        self.count += 1
        return self.answer


class Method:
    def password(self):
        return PASSWORD


observe("a text", lambda: load(PASSWORD))
observe("bytes", lambda: load(PASSWORD.encode()))
observe("a bytearray", lambda: load(bytearray(PASSWORD.encode())))
observe("by name", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certfile=FILES[0], keyfile=FILES[1], password=PASSWORD))
observe("a function", lambda: load(lambda: PASSWORD))
observe("a function of bytes", lambda: load(lambda: PASSWORD.encode()))
observe("a function of a bytearray", lambda: load(lambda: bytearray(PASSWORD.encode())))
observe("a method", lambda: load(Method().password))
observe("wrong", lambda: load("wrong"))
observe("empty", lambda: load(""))
observe("a function of a wrong one", lambda: load(lambda: "wrong"))
observe("a function of nothing", lambda: load(lambda: ""))
observe("other letters", lambda: load("paßwort"))
observe("too long", lambda: load("a" * 102400))
observe("a function of one too long", lambda: load(lambda: "a" * 102400))
observe("the longest", lambda: load("a" * 1024))
observe("one more", lambda: load("a" * 1025))
observe("a function that raises", lambda: load(raising))
observe("a function of None", lambda: load(lambda: None))
observe("a function of a number", lambda: load(lambda: 9))
observe("a function with a parameter", lambda: load(lambda name: PASSWORD))
observe("a number", lambda: load(9))
observe("a list", lambda: load([PASSWORD]))
observe("a view", lambda: load(memoryview(PASSWORD.encode())))
observe("a text that is no UTF-8", lambda: load("\ud800"))
observe("none", lambda: load())


@observing("a function is asked")
def _():
    asked = Asked(PASSWORD)
    load(asked)
    count = asked.count
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(pki["good.chain"], pki["good.key"], asked)
    return [count, asked.count]


@observing("a key that needs none")
def _():
    return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(pki["good.chain"], pki["good.key"], "needless")


@observing("after a failure")
def _():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for password in ("wrong", raising):
        try:
            context.load_cert_chain(*FILES, password)
        except (ssl.SSLError, LookupError):
            pass
    return context.load_cert_chain(*FILES, PASSWORD)
