"""Too few and too many arguments, and names that there are not."""
import ssl

import _ssl
from memory_pair import Pair
from observe import observe

bio = ssl.MemoryBIO
pair = Pair().handshake()
connection, context, certificate = pair.client._sslobj, pair.client.context, pair.client._sslobj.get_verified_chain()[0]

CALLS = {
    "MemoryBIO.read by name": lambda: bio().read(size=1),
    "MemoryBIO.read twice": lambda: bio().read(1, 2),
    "MemoryBIO.write without": lambda: bio().write(),
    "MemoryBIO.write by name": lambda: bio().write(b=b""),
    "MemoryBIO.write_eof with": lambda: bio().write_eof(1),
    "Certificate.get_info with": lambda: certificate.get_info(1),
    "Certificate.public_bytes with two": lambda: certificate.public_bytes(1, 2),
    "Certificate.public_bytes by another name": lambda: certificate.public_bytes(encoding=1),
    "read without": lambda: connection.read(),
    "read with three": lambda: connection.read(1, bytearray(1), 3),
    "read by name": lambda: connection.read(len=1),
    "write without": lambda: connection.write(),
    "getpeercert by name": lambda: connection.getpeercert(der=True),
    "get_channel_binding with two": lambda: connection.get_channel_binding("tls-unique", 1),
    "do_handshake with": lambda: connection.do_handshake(1),
    "load_cert_chain without": lambda: context.load_cert_chain(),
    "load_cert_chain with four": lambda: context.load_cert_chain("a", "b", "c", "d"),
    "load_cert_chain by another name": lambda: context.load_cert_chain(file="a"),
    "load_verify_locations with four": lambda: context.load_verify_locations("a", "b", "c", "d"),
    "set_ciphers without": lambda: context.set_ciphers(),
    "set_ciphers by name": lambda: context.set_ciphers(cipherlist="ALL"),
    "cert_store_stats with": lambda: context.cert_store_stats(1),
    "get_ca_certs with two": lambda: context.get_ca_certs(True, 1),
    "_wrap_bio with two": lambda: _ssl._SSLContext(16)._wrap_bio(bio(), bio()),
    "_wrap_bio with a name twice": lambda: _ssl._SSLContext(16)._wrap_bio(bio(), bio(), True, incoming=1),
    "_wrap_bio with six": lambda: _ssl._SSLContext(16)._wrap_bio(bio(), bio(), True, None, None, None),
    "RAND_bytes without": lambda: _ssl.RAND_bytes(),
    "RAND_bytes with two": lambda: _ssl.RAND_bytes(1, 2),
    "RAND_add with one": lambda: _ssl.RAND_add(b""),
    "RAND_status with": lambda: _ssl.RAND_status(1),
    "nid2obj without": lambda: _ssl.nid2obj(),
    "txt2obj without": lambda: _ssl.txt2obj(),
    "txt2obj with three": lambda: _ssl.txt2obj("a", True, 1),
    "get_default_verify_paths with": lambda: _ssl.get_default_verify_paths(1),
    "_test_decode_cert without": lambda: _ssl._test_decode_cert(),
}
for name, call in CALLS.items():

    def kind():
        try:
            call()
        except Exception as error:
            return type(error).__name__

    observe(f"{name}: kind", kind)
    observe(f"{name}: text", call)
