"""Certificates outside of their dates."""
from observe import connected, observe

for name in ("expired", "not-yet-valid"):
    def attempt():
        with connected(name):
            return "connected"

    observe(name, attempt)
