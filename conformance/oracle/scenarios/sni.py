"""The name that the client sends, and what the server makes of it."""
import json

from observe import connected, get, observe, trusting_context


def attempt(host, check=True):
    context = trusting_context()
    context.check_hostname = check
    with connected("good", context, host) as tls:
        common_name = tls.getpeercert()["subject"][-1][0][1]
        return [common_name, json.loads(get(tls, "/tls")[1])["name"]]


observe("a name with a site of its own", lambda: attempt("one.example.test"))
observe("a name that the default site has", lambda: attempt("localhost"))
observe("an address is not sent", lambda: attempt("127.0.0.1"))
observe("no name, not checked", lambda: attempt(None, check=False))
