"""The functions of ``_ssl``."""

import json

from pyodide_ssl._c_types import c_function
from pyodide_ssl._tls_arguments import buffer, clinic_int, file_path, text
from pyodide_ssl._tls_bridge import OBJECTS, bridge, checked, stage, to_bytes
from pyodide_ssl._tls_certificate import certificate_info


@c_function
def RAND_add(string, entropy, /):
    """Mix string into the OpenSSL PRNG state.

    entropy (a float) is a lower bound on the entropy contained in
    string.  See RFC 4086."""
    data = string.encode() if isinstance(string, str) else buffer(string)
    if not hasattr(entropy, "__float__") and not hasattr(entropy, "__index__"):
        raise TypeError(f"must be real number, not {type(entropy).__name__}")
    entropy = float(entropy)
    bridge.randAdd(stage(data), entropy)


@c_function
def RAND_bytes(n, /):
    """Generate n cryptographically strong pseudo-random bytes."""
    length = clinic_int(n)
    if length < 0:
        raise ValueError("num must be positive")
    return to_bytes(checked(bridge.randBytes(length)))


@c_function
def RAND_status():
    """Returns True if the OpenSSL PRNG has been seeded with enough data and False if not.

    It is necessary to seed the PRNG with RAND_add() on some platforms
    before using the ssl() function."""
    return bridge.randStatus()


@c_function
def get_default_verify_paths():
    """Return search paths and environment vars that are used by SSLContext's set_default_verify_paths() to load default CAs.

    The values are 'cert_file_env', 'cert_file', 'cert_dir_env', 'cert_dir'."""
    return tuple(json.loads(bridge.getDefaultVerifyPaths()))


@c_function
def get_sigalgs():
    return json.loads(checked(bridge.getSigalgs()))


@c_function
def txt2obj(txt, name=False):
    """Lookup NID, short name, long name and OID of an ASN1_OBJECT.

    By default objects are looked up by OID. With name=True short and
    long name are also matched."""
    identifier = text(txt, "txt2obj", "'txt' ")
    if not name and identifier in OBJECTS:
        return OBJECTS[identifier]
    return tuple(json.loads(checked(bridge.txt2obj(identifier, bool(name)))))


@c_function
def nid2obj(nid, /):
    """Lookup NID, short name, long name and OID of an ASN1_OBJECT by NID."""
    return tuple(json.loads(checked(bridge.nid2obj(clinic_int(nid)))))


@c_function
def _test_decode_cert(path, /):
    return certificate_info(checked(bridge.testDecodeCert(file_path(path))))
