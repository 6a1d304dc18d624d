"""Servers that do not speak TLS, or stop in the middle of the handshake."""
from observe import connected, observe

for peer in ("plain-http", "garbage", "close-in-handshake", "reset-in-handshake"):
    def attempt():
        with connected(peer):
            return "connected"

    observe(peer, attempt)
