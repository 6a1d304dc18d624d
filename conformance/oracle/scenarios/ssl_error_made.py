"""SSLError and its kin made by hand: arguments, texts, copies."""
import copy
import pickle
import ssl

from observe import observe, observing

KINDS = (ssl.SSLError, ssl.SSLCertVerificationError, ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLWantReadError, ssl.SSLWantWriteError, ssl.SSLSyscallError)
ARGUMENTS = ((), ("text",), (1, "text"), (1, "text", "file"), (1, "text", "file", None, "file2"), (2, None), (None, "text"), (1, 2), (b"x",), (1, "text", 3, 4, 5, 6))


def seen(error):
    return [type(error).__name__, str(error), repr(error), error.args, error.errno, error.strerror, error.filename, error.filename2]


for kind in KINDS:
    for arguments in ARGUMENTS:
        observe(f"{kind.__name__}{arguments}", lambda: seen(kind(*arguments)))
    observe(f"{kind.__name__}, pickled", lambda: seen(pickle.loads(pickle.dumps(kind(1, "text")))))
    observe(f"{kind.__name__}, copied", lambda: seen(copy.copy(kind(1, "text"))))
    observe(f"{kind.__name__}: unknown attribute", lambda: kind(1, "text").reason)
    observe(f"{kind.__name__}: library", lambda: kind(1, "text").library)
observe("errno makes no other class of it", lambda: type(ssl.SSLError(2, "x")).__name__)
observe("a keyword", lambda: ssl.SSLError(reason="x"))
observe("CertificateError is the verification's", lambda: ssl.CertificateError is ssl.SSLCertVerificationError)
observe("socket_error", lambda: ssl.socket_error is OSError)


@observing("attributes survive")
def _():
    error = ssl.SSLError(1, "text")
    error.reason, error.library, error.extra = "R", "L", [1]
    other = pickle.loads(pickle.dumps(error))
    return [other.reason, other.library, other.extra, sorted(vars(other))]


@observing("derived")
def _():
    class Mine(ssl.SSLError):
        def __str__(self):
            return "mine " + super().__str__()

    return [str(Mine(1, "text")), str(Mine("x")), issubclass(Mine, OSError)]


@observing("a text changed later")
def _():
    error = ssl.SSLError(1, "text")
    error.strerror = "other"
    first = str(error)
    error.strerror = 5
    return [first, str(error)]
