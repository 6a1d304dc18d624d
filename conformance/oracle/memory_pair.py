"""A client and a server in one program, joined by memory buffers: no sockets, no threads, no timing."""

import ssl
import sys

from observe import failure, pki, trusting_context


def client_context(version=None, **settings):
    """A client that trusts the test root; only of *version* if one is given."""
    return _set(trusting_context(), version, settings)


def server_context(version=None, leaf="good", **settings):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki[f"{leaf}.chain"], pki[f"{leaf}.key"])
    return _set(context, version, settings)


def bare_contexts(version=None):
    """A client and a server without certificates: for pre-shared keys."""
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    return _set(client, version, {}), _set(server, version, {})


def _set(context, version, settings):
    if version is not None:
        context.minimum_version = context.maximum_version = version
    for name, value in settings.items():
        setattr(context, name, value)
    return context


class Pair:
    """Two ``SSLObject``s; each is what the other's bytes go to."""

    def __init__(self, client=None, server=None, hostname="localhost", session=None):
        self.to_client, self.to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        client, server = client or client_context(), server or server_context()
        self.client = client.wrap_bio(self.to_client, self.to_server, server_hostname=hostname, session=session)
        self.server = server.wrap_bio(self.to_server, self.to_client, server_side=True)

    def handshake(self):
        """To the end; the first failure is raised."""
        outcome = self.outcome()
        for error in outcome.values():
            if isinstance(error, BaseException):
                raise error
        return self

    def outcome(self):
        """What the handshake led to, on each side: None, or the exception. One goes on when the other has failed."""
        outcome = {}
        for _ in range(20):
            for name in ("client", "server"):
                if name in outcome:
                    continue
                try:
                    getattr(self, name).do_handshake()
                    outcome[name] = None
                except ssl.SSLWantReadError:
                    pass
                except Exception as error:
                    outcome[name] = error
            if len(outcome) == 2:
                return outcome
        return {name: outcome.get(name, "waits") for name in ("client", "server")}

    def exchange(self, data=b"ping"):
        """One message each way. A client of TLS 1.3 has the session tickets after it."""
        self.client.write(data)
        received = self.server.read(len(data))
        self.server.write(received[::-1])
        return self.client.read(len(data))


class Unraisable:
    """What ``sys.unraisablehook`` is told in a block."""

    def __enter__(self):
        self.told = []
        self._hook, sys.unraisablehook = sys.unraisablehook, self._tell
        return self

    def _tell(self, args):
        frames, trace = [], args.exc_traceback
        while trace is not None:
            frames.append(trace.tb_frame.f_code.co_name)
            trace = trace.tb_next
        text = args.err_msg and _without_addresses(args.err_msg)
        self.told.append([args.exc_type.__name__, failure(args.exc_value), text, repr(args.object), frames])

    def __exit__(self, *_):
        sys.unraisablehook = self._hook


def _without_addresses(text):
    import re

    return re.sub(r"0x[0-9a-f]+", "0x…", text)
