"""What an `SSLObject` says of itself before and after the handshake, on both sides, and what may be set."""
import ssl

from ends import TLS12, Memory, client_context, raised, server_context
from observe import observe, observing


def facts(end):
    names = ("version", "cipher", "shared_ciphers", "compression", "selected_alpn_protocol", "pending", "get_channel_binding")
    seen = {name: raised(getattr(end, name)) for name in names if name not in ("shared_ciphers", "get_channel_binding")}
    binding = raised(end.get_channel_binding)
    seen["binding"] = len(binding) if isinstance(binding, bytes) else binding
    shared = raised(end.shared_ciphers)
    seen["shared"] = shared[:1] if shared else shared
    return seen | {
        "server_side": end.server_side,
        "server_hostname": end.server_hostname,
        "session_reused": end.session_reused,
        "session": type(end.session).__name__,
        "certificate": raised(lambda: end.getpeercert() and sorted(end.getpeercert())),
        "binary": raised(lambda: type(end.getpeercert(True)).__name__),
        "verified": raised(lambda: len(end.get_verified_chain())),
        "unverified": raised(lambda: len(end.get_unverified_chain())),
        "post_handshake": raised(end.verify_client_post_handshake),
    }


for label, attributes in {"TLS 1.3": {}, "TLS 1.2": TLS12}.items():
    fresh = Memory(client_context(**attributes))
    observe(f"a client before, {label}", lambda: facts(fresh.client))
    observe(f"a server before, {label}", lambda: facts(fresh.server))
    done = Memory(client_context(**attributes)).handshake().settle()
    observe(f"a client after, {label}", lambda: facts(done.client))
    observe(f"a server after, {label}", lambda: facts(done.server))

for name in ("server_side", "server_hostname", "session_reused", "nothing", "context"):
    observe(f"{name} set to a number", lambda: setattr(Memory().client, name, 5))
    observe(f"{name} deleted", lambda: delattr(Memory().client, name))


@observing("the context is exchanged")
def _():
    one, other = client_context(), client_context()
    pair = Memory(one)
    before = pair.client.context is one
    pair.client.context = other
    return [before, pair.client.context is other, raised(setattr, pair.client, "context", None), pair.client.context is other]


for hostname in ("localhost", "LOCALHOST", "b\u00fccher.example", "xn--bcher-kva.example", "", ".example", "a" * 64 + ".example", "127.0.0.1", "::1", "exa mple", "a\0b", b"localhost", 5, None):

    @observing(f"server_hostname {hostname!r}")
    def _():
        return Memory(hostname=hostname).client.server_hostname


    @observing(f"server_hostname {hostname!r}, not compared")
    def _():
        return Memory(client_context(check_hostname=False), hostname=hostname).client.server_hostname


@observing("on the server's side")
def _():
    server_context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_side=True, server_hostname="localhost")


for label, parameters in {
    "no buffers": (),
    "one buffer": (ssl.MemoryBIO(),),
    "a number": (ssl.MemoryBIO(), 5),
    "None": (None, ssl.MemoryBIO()),
    "a file": (__import__("io").BytesIO(), __import__("io").BytesIO()),
}.items():
    observe(f"wrap_bio with {label}", lambda: client_context().wrap_bio(*parameters, server_hostname="localhost"))


@observing("the same buffer for both directions")
def _():
    bio = ssl.MemoryBIO()
    end = client_context().wrap_bio(bio, bio, server_hostname="localhost")
    return [raised(end.do_handshake), bio.pending > 100, raised(end.do_handshake)]


observe("a client's context on the server's side", lambda: client_context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_side=True))
observe("a server's context on the client's side", lambda: server_context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO()))
