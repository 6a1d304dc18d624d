"""How `requests` tells what went wrong."""
import requests

from observe import observe, peers, pki


def get(peer, path="/", host="localhost", timeout=20, **parameters):
    parameters.setdefault("verify", pki["ca"])
    return requests.get(f"https://{host}:{peers[peer]}{path}", timeout=timeout, **parameters).status_code


def classes(function):
    """The classes of the exception and of all that it carries; texts have the pool's address in them."""
    try:
        return function()
    except Exception as error:
        seen = []
        while isinstance(error, BaseException):
            seen.append(f"{type(error).__module__}.{type(error).__name__}")
            carried = [item for item in (*error.args, getattr(error, "reason", None)) if isinstance(item, BaseException)]
            if not carried and hasattr(error, "verify_code"):
                seen.append([error.verify_code, error.verify_message])
            elif not carried and getattr(error, "library", None):
                seen.append([error.library, error.reason])
            error = carried[0] if carried else None
        return seen


for peer in (
    "expired",
    "not-yet-valid",
    "wrong-host",
    "common-name-only",
    "self-signed",
    "unknown-ca",
    "missing-intermediate",
    "plain-http",
    "garbage",
    "close-in-handshake",
    "reset-in-handshake",
    "refused",
):
    observe(peer, lambda: classes(lambda: get(peer)))
observe("wrong address", lambda: classes(lambda: get("wrong-ip", host="127.0.0.1")))
observe("silent in the connect", lambda: classes(lambda: get("full", host="127.0.0.1", timeout=0.3)))
observe("silent in the handshake", lambda: classes(lambda: get("never-answers", timeout=0.5)))
observe("silent after the request", lambda: classes(lambda: get("good", "/silent", timeout=0.5)))
observe("silent in the body", lambda: classes(lambda: get("good", "/trickle", timeout=0.5)))
observe("cut in the body", lambda: classes(lambda: get("truncated", "/big.bin")))
observe("unknown name", lambda: classes(lambda: requests.get("https://does-not-exist.invalid/", timeout=20))[0])
observe("no such file of authorities", lambda: classes(lambda: get("good", verify="/no/such/file.pem")))
observe("no such client certificate", lambda: classes(lambda: get("good", cert="/no/such/file.pem")))
observe("client certificate that fits nothing", lambda: classes(lambda: get("good", cert=(pki["client.chain"], pki["good.key"]))))
observe("client certificate missing", lambda: classes(lambda: get("client-certificate-1.2")))
