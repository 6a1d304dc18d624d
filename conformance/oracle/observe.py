"""What a scenario sees, as lines of JSON that are the same for the same behaviour.

A scenario is a plain Python script that observes things:

    from observe import observe, peers
    observe("a refused port", lambda: socket.create_connection(("127.0.0.1", peers["refused"])))

Each observation is one line: what was returned, or what was raised with all that a program could see of it. Made
equal are only: `errno`, which becomes its name, since the numbers are the platform's; and in texts the line number of
`_ssl.c`, a socket's number and its own port, and addresses of objects.
"""

import contextlib
import enum
import errno
import gc
import json
import os
import re
import socket
import ssl
import sys

#: Ports by peer name, and paths of the test PKI's files: set by `run_scenario`.
peers = {}
pki = {}

_lines = []

_GAI_NAMES = {
    value: name for name, value in vars(socket).items() if name.startswith("EAI_")
}


def plain(value):
    """The JSON form of a value. Types that JSON lacks are tagged by their names."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"bytes": bytes(value).hex()}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=repr)
    if isinstance(value, BaseException):
        return failure(value)
    return {"type": f"{type(value).__module__}.{type(value).__qualname__}"}


def as_text(value):
    """A text without what is another one in each run."""
    text = re.sub(r"_ssl\.c:\d+", "_ssl.c", str(value))
    # A socket's text has its number and the port that the system chose for this end.
    text = re.sub(r"fd=\d+", "fd=…", text)
    text = re.sub(r"laddr=\('127\.0\.0\.1', \d+\)", "laddr=…", text)
    # Whether the peer still has an address after a shutdown is the system's.
    text = re.sub(r", raddr=\('127\.0\.0\.1', \d+\)", "", text)
    # `http.client` and urllib3 put addresses of objects into their texts.
    return re.sub(r"0x[0-9a-f]{6,}", "0x…", text)


def failure(error, depth=0):
    """An exception with all that a program can see of it, and the exceptions that it carries."""
    kind = type(error)
    seen = {"raised": f"{kind.__module__}.{kind.__qualname__}"}
    if isinstance(error, ssl.SSLError):
        seen["errno"] = plain(error.errno)
        # Errors that `_ssl.c` raises by other means than its error queue have neither.
        seen["library"] = plain(getattr(error, "library", "absent"))
        seen["reason"] = plain(getattr(error, "reason", "absent"))
        if isinstance(error, ssl.SSLCertVerificationError) and hasattr(error, "verify_code"):
            seen["verify_code"] = error.verify_code
            seen["verify_message"] = error.verify_message
        seen["strerror"] = as_text(error.strerror)
        seen["text"] = as_text(error)
        seen["args"] = len(error.args)
    elif isinstance(error, socket.gaierror):
        seen["errno"] = _GAI_NAMES.get(error.errno, plain(error.errno))
    elif isinstance(error, OSError) and isinstance(error.errno, int):
        seen["errno"] = errno.errorcode.get(error.errno, error.errno)
        seen["filename"] = plain(error.filename)
    elif not isinstance(error, OSError) or not error.args or isinstance(error.args[0], str):
        seen["text"] = as_text(error)
    # Wrappers carry what happened as an argument (requests, urllib.request) or as an attribute (urllib3).
    carried = [item for item in (*error.args, getattr(error, "reason", None)) if isinstance(item, BaseException)]
    if carried and depth < 4:
        seen["carries"] = failure(carried[0], depth + 1)
        seen.pop("text", None)
    if error.__cause__ is not None and depth < 4:
        seen["cause"] = failure(error.__cause__, depth + 1)
    return seen


def observe(label, function):
    """Calls `function` and notes what it returned or raised. Answers what it returned."""
    try:
        value = function()
    except Exception as error:
        _note({"label": label, **failure(error)})
        return None
    _note({"label": label, "returned": plain(value)})
    return value


def observing(label):
    """`observe` as a decorator: the function is called at once."""

    def decorate(function):
        observe(label, function)
        return function

    return decorate


def _note(observation):
    _lines.append(json.dumps(observation, sort_keys=True, ensure_ascii=True))


def trusting_context(**parameters):
    """A client context that trusts the test root, with everything else as `create_default_context` makes it."""
    return ssl.create_default_context(cafile=pki["ca"], **parameters)


@contextlib.contextmanager
def connected(name, context=None, server_hostname="localhost", timeout=20, **parameters):
    """A TLS connection to a peer of that name, by address so that only `server_hostname` names it."""
    context = context or trusting_context()
    with socket.create_connection(("127.0.0.1", peers[name]), timeout=timeout) as plain_socket:
        with context.wrap_socket(plain_socket, server_hostname=server_hostname, **parameters) as tls_socket:
            yield tls_socket


def read_all(tls_socket, limit=1 << 20):
    """Everything until the end of the stream, or `limit` bytes."""
    chunks = []
    received = 0
    while received < limit:
        chunk = tls_socket.recv(65536)
        if not chunk:
            break
        chunks.append(chunk)
        received += len(chunk)
    return b"".join(chunks)


def get(tls_socket, path="/", close=True):
    """One HTTP request by hand; answers the response's head and body."""
    connection = "close" if close else "keep-alive"
    tls_socket.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\n\r\n".encode())
    head, _, body = read_all(tls_socket).partition(b"\r\n\r\n")
    return head.split(b"\r\n")[0].decode(), body.decode()


def run_scenario(path, configuration):
    """Runs the script at `path` and answers its observations, one JSON text each.

    `configuration` is JSON: `{"peers": {name: port}, "pki": {name: path}}`.
    """
    settings = json.loads(configuration)
    for target, source in ((peers, settings["peers"]), (pki, settings["pki"])):
        target.clear()
        target.update(source)
    _lines.clear()
    # What earlier scenarios of this interpreter left behind must not be found, or warned of, by this one.
    gc.collect()
    # Neither the environment nor an earlier scenario may decide what is trusted.
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSLKEYLOGFILE"):
        os.environ.pop(name, None)
    with open(path, encoding="utf-8") as file:
        source = file.read()
    exec(compile(source, path, "exec"), {"__name__": "__main__", "__file__": path})
    return list(_lines)


if __name__ == "__main__":
    sys.modules["observe"] = sys.modules["__main__"]
    print("\n".join(run_scenario(sys.argv[1], sys.argv[2])))
