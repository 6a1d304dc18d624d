"""RAND_bytes, RAND_add, RAND_status."""
import ssl

import _ssl
from observe import observe

for count in (0, 1, 16, 1000, 100_000):
    observe(f"{count} bytes", lambda: [len(ssl.RAND_bytes(count)), type(ssl.RAND_bytes(count)).__name__])
for count in (-1, -(1 << 31), 1 << 31, 1 << 64, None, 1.5, "1", True, b"1"):
    observe(f"{count!r} bytes", lambda: len(ssl.RAND_bytes(count)))
observe("two are not the same", lambda: ssl.RAND_bytes(16) == ssl.RAND_bytes(16))
observe("status", lambda: [ssl.RAND_status(), type(ssl.RAND_status()).__name__])
for data in (b"x", bytearray(b"x"), memoryview(b"xy"), "text", "ü", "", b"", b"x" * 1000):
    observe(f"adding {type(data).__name__} {str(data)[:9] if isinstance(data, (str, bytes)) else ''} {len(data)}", lambda: ssl.RAND_add(data, 1.0))
for data in (None, 5, ["x"], memoryview(b"xyz")[::2], "\ud800"):
    observe(f"adding a {type(data).__name__}", lambda: ssl.RAND_add(data, 1.0))
for entropy in (0, 1, 0.5, -1.0, float("nan"), True):
    observe(f"entropy {entropy}", lambda: ssl.RAND_add(b"x", entropy))
for entropy in (None, "1.0", b"1"):
    observe(f"entropy {entropy!r}", lambda: ssl.RAND_add(b"x", entropy))
observe("functions that are gone", lambda: [hasattr(module, name) for module in (ssl, _ssl) for name in ("RAND_pseudo_bytes", "RAND_egd")])
