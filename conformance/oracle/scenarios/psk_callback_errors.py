"""PSK callbacks that raise or return what they may not."""
import ssl

from memory_pair import Pair, Unraisable, bare_contexts
from observe import observe

KEY = bytes(16)


class Callback:
    """With a text of its own."""

    def __init__(self, answer):
        self.answer = answer

    def __repr__(self):
        return "<Callback>"

    def __call__(self, argument):
        return self.answer()


def attempt(version, client=None, server=None):
    client_context, server_context = bare_contexts(version)
    for context in (client_context, server_context):
        context.set_ciphers("PSK")
    client_context.set_psk_client_callback(Callback(client or (lambda: ("x", KEY))))
    server_context.set_psk_server_callback(Callback(server or (lambda: KEY)))
    with Unraisable() as unraisable:
        outcome = Pair(client_context, server_context, None).outcome()
    return [outcome, unraisable.told]


def raising():
    raise LookupError("in the callback")


CLIENTS = {
    "raises": raising,
    "None": lambda: None,
    "one thing": lambda: (KEY,),
    "three things": lambda: ("x", KEY, 1),
    "a list": lambda: ["x", KEY],
    "a number for an identity": lambda: (1, KEY),
    "a text for a key": lambda: ("x", "key"),
    "None for a key": lambda: ("x", None),
    "a number for a key": lambda: ("x", 5),
    "an identity too long": lambda: ("x" * 300, KEY),
    "an identity with a NUL": lambda: ("a\0b", KEY),
    "a key too long": lambda: ("x", bytes(600)),
}
SERVERS = {
    "raises": raising,
    "None": lambda: None,
    "a text": lambda: "key",
    "a bytearray": lambda: bytearray(KEY),
    "a tuple": lambda: ("x", KEY),
    "a key too long": lambda: bytes(600),
}
for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
    for name, answer in CLIENTS.items():
        observe(f"{version.name}: the client's: {name}", lambda: attempt(version, client=answer))
    for name, answer in SERVERS.items():
        observe(f"{version.name}: the server's: {name}", lambda: attempt(version, server=answer))
