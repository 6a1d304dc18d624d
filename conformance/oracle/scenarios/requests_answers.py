"""`requests`, as it comes."""
import requests

from observe import observe, observing, peers, pki


def url(path="/", peer="good", host="localhost"):
    return f"https://{host}:{peers[peer]}{path}"


@observing("GET")
def _():
    answer = requests.get(url(), verify=pki["ca"], timeout=20)
    return [answer.status_code, answer.reason, answer.text, answer.raw.version, answer.headers["content-type"], answer.ok, answer.encoding]


@observing("POST of JSON")
def _():
    answer = requests.post(url("/echo?q=1"), json={"a": [1, "ü"]}, verify=pki["ca"], timeout=20).json()
    return [answer["method"], answer["path"], answer["body"], answer["headers"]["content-type"]]


@observing("POST of a form, with parameters")
def _():
    answer = requests.post(url("/echo"), params={"x": "y z"}, data={"a": "b"}, verify=pki["ca"], timeout=20).json()
    return [answer["path"], answer["body"]]


@observing("a redirect")
def _():
    answer = requests.get(url("/redirect"), verify=pki["ca"], timeout=20)
    return [answer.status_code, [step.status_code for step in answer.history]]


@observing("404")
def _():
    answer = requests.get(url("/status/404"), verify=pki["ca"], timeout=20)
    return [answer.status_code, answer.text]




def error_of(function):
    try:
        return function()
    except Exception as error:
        return error


observe("404, raised", lambda: type(error_of(lambda: requests.get(url("/status/404"), verify=pki["ca"]).raise_for_status())).__name__)


@observing("a session, ten requests")
def _():
    with requests.Session() as session:
        session.verify = pki["ca"]
        return [session.get(url(f"/echo?{number}"), timeout=20).json()["path"] for number in range(10)]


@observing("a stream")
def _():
    with requests.get(url("/big.bin"), verify=pki["ca"], stream=True, timeout=20) as answer:
        chunk = next(answer.iter_content(1000))
        return [len(chunk), chunk[:16], answer.headers["content-length"]]


@observing("a client certificate")
def _():
    answer = requests.get(url("/tls", "client-certificate"), verify=pki["ca"], cert=(pki["client.chain"], pki["client.key"]), timeout=20).json()
    return [answer["client"], answer["verified"]]


@observing("a folder of authorities")
def _():
    return requests.get(url(), verify=pki["capath"], timeout=20).status_code


@observing("not verified")
def _():
    import warnings

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        status = requests.get(url(peer="self-signed"), verify=False, timeout=20).status_code
    return [status, sorted({warning.category.__name__ for warning in seen})]
