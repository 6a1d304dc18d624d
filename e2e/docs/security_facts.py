"""What docs/security.md claims of the defaults, as JSON: argument 1 is a folder with weak.pem (RSA of 1024 bits) and dh1024.pem."""

import json
import ssl
import struct
import sys

folder = sys.argv[1]


def pair(client, server, name="localhost"):
    """A handshake over memory; answers both ends."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    waiting = list(ends)
    for _ in range(10):
        for end in list(waiting):
            try:
                end.do_handshake()
                waiting.remove(end)
            except ssl.SSLWantReadError:
                pass
        if not waiting:
            return ends
    raise RuntimeError("the handshake does not end")


def failure(client, server):
    try:
        pair(client, server)
    except ssl.SSLError as error:
        return error.reason, getattr(error, "verify_message", "")
    return "none", ""


def client_hello(context):
    out = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), out, server_hostname="example.org").do_handshake()
    except ssl.SSLWantReadError:
        pass
    hello = out.read()[9:]
    at = 2 + 32
    at += 1 + hello[at]
    length = struct.unpack_from("!H", hello, at)[0]
    ciphers = list(struct.unpack_from(f"!{length // 2}H", hello, at + 2))
    at += 2 + length
    compressions = list(hello[at + 1 : at + 1 + hello[at]])
    at += 1 + hello[at] + 2
    extensions = {}
    while at < len(hello):
        kind, length = struct.unpack_from("!HH", hello, at)
        extensions[kind] = hello[at + 4 : at + 4 + length]
        at += 4 + length
    versions = extensions[43]
    words = lambda data, skip: list(struct.unpack(f"!{(len(data) - skip) // 2}H", data[skip:]))
    return {
        "ciphers": ciphers,
        "compressions": compressions,
        "extensions": sorted(extensions),
        "versions": words(versions, 1),
        "groups": words(extensions[10], 2),
        "signatures": words(extensions[13], 2),
    }


default = ssl.create_default_context()


def weak_server(*, ciphers="ALL:@SECLEVEL=0"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(ciphers)
    context.load_cert_chain(f"{folder}/weak.pem")
    return context


def trusting(security=""):
    context = ssl.create_default_context(cafile=f"{folder}/weak.pem")
    if security:
        context.set_ciphers(security)
    return context


old = weak_server()
old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
old.maximum_version = ssl.TLSVersion.TLSv1_1
small = weak_server(ciphers="DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0")
small.maximum_version = ssl.TLSVersion.TLSv1_2
small.load_dh_params(f"{folder}/dh1024.pem")
ends = pair(trusting("DEFAULT:@SECLEVEL=0"), weak_server())
blind = ssl._create_unverified_context()

print(
    json.dumps(
        {
            "hello": client_hello(default),
            "ciphers": [cipher["name"] for cipher in default.get_ciphers()],
            "minimum": default.minimum_version.name,
            "level": default.security_level,
            "verifies": [default.verify_mode.name, default.check_hostname],
            "strict": bool(default.verify_flags & ssl.VERIFY_X509_STRICT),
            "options": {
                name: bool(default.options & getattr(ssl, name))
                for name in ("OP_NO_COMPRESSION", "OP_NO_SSLv3", "OP_LEGACY_SERVER_CONNECT", "OP_NO_RENEGOTIATION")
            },
            "allows client renegotiation": bool(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).options & 0x100),
            "compression": [end.compression() for end in ends],
            "version": ends[0].version(),
            "old server": failure(trusting(), old),
            "weak key": failure(trusting(), weak_server()),
            "small group": failure(blind, small),
            "sslv3": ssl.HAS_SSLv3,
            "openssl": ssl.OPENSSL_VERSION,
        }
    )
)
