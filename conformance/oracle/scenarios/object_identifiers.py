"""txt2obj, nid2obj and what ssl.py makes of them."""
import ssl

import _ssl
from observe import observe

for text in ("1.3.6.1.5.5.7.3.1", "2.5.4.3", "1.2.840.113549.1.1.11", "1.3.6.1.5.5.7.3.99", "1.2.3.4", "0.9.2342.19200300.100.1.25", "2.16.840.1.101.3.4.2.1", "serverAuth", "CN", "", "x", "1.", "1.2.3.", "3.1", "9.9.9", "1.2.840.113549.1.1.11 "):
    observe(f"{text!r}", lambda: _ssl.txt2obj(text))
    observe(f"{text!r} by name", lambda: _ssl.txt2obj(text, name=True))
for text in (None, 5, b"CN", "a\0b", "\ud800", "ü"):
    observe(f"of no use: {text!r}", lambda: _ssl.txt2obj(text))
for number in (0, 1, 13, 129, 668, 672, 1000, 1087, 100_000, -1, 1 << 31, 1 << 70, None, "1", 1.0, True):
    observe(f"number {number!r}", lambda: _ssl.nid2obj(number))
for name in ("serverAuth", "TLS Web Server Authentication", "SERVERAUTH", "commonName", "SHA256", "nothing"):
    observe(f"ssl by name {name}", lambda: tuple(ssl._ASN1Object.fromname(name)))
observe("purposes", lambda: [tuple(purpose.value) for purpose in ssl.Purpose])
observe("a purpose's text", lambda: [repr(ssl.Purpose.SERVER_AUTH), repr(ssl._ASN1Object("1.3.6.1.5.5.7.3.1"))])
