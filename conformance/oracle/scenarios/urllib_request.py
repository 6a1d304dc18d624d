"""`urllib.request` over TLS."""
import json
import ssl
import urllib.error
import urllib.request

from observe import observe, observing, peers, trusting_context


def fetch(path="/", peer="good", host="localhost", **parameters):
    url = f"https://{host}:{peers[peer]}{path}"
    with urllib.request.urlopen(urllib.request.Request(url, **parameters), context=trusting_context(), timeout=20) as response:
        return [response.status, response.read().decode()]


observe("GET", lambda: fetch())
observe("by address", lambda: fetch(host="127.0.0.1"))
observe("POST", lambda: json.loads(fetch("/echo", data=b"a=1")[1])["body"])
observe("a redirect", lambda: fetch("/redirect"))
observe("404", lambda: fetch("/status/404"))
for peer in ("expired", "self-signed", "wrong-host", "unknown-ca", "plain-http"):
    observe(peer, lambda: fetch(peer=peer))


@observing("404 has a body")
def _():
    try:
        fetch("/status/404")
    except urllib.error.HTTPError as error:
        return [error.code, error.reason, error.read()]
