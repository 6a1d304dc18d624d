"""`http.client` over TLS."""
import http.client
import json

from observe import observe, observing, peers, trusting_context


def connection(peer="good", host="localhost", **parameters):
    return http.client.HTTPSConnection(host, peers[peer], context=trusting_context(), timeout=20, **parameters)


@observing("GET")
def _():
    client = connection()
    client.request("GET", "/")
    response = client.getresponse()
    seen = [response.status, response.reason, response.version, response.getheader("content-type"), response.read()]
    client.close()
    return seen


@observing("several requests on one connection")
def _():
    client = connection()
    seen = []
    for number in range(3):
        client.request("POST", f"/echo?{number}", body=json.dumps({"number": number}), headers={"Content-Type": "application/json"})
        answer = json.loads(client.getresponse().read())
        seen.append([answer["method"], answer["path"], answer["body"]])
    client.close()
    return seen


@observing("a chunked upload")
def _():
    client = connection()
    client.request("POST", "/upload", body=iter([b"a" * 10_000] * 10), encode_chunked=True)
    answer = client.getresponse().read()
    client.close()
    return json.loads(answer)


@observing("404")
def _():
    client = connection()
    client.request("GET", "/status/404")
    response = client.getresponse()
    return [response.status, response.read()]


def get(peer, **parameters):
    client = connection(peer, **parameters)
    try:
        client.request("GET", "/")
        return client.getresponse().status
    finally:
        client.close()


observe("expired", lambda: get("expired"))
observe("wrong host", lambda: get("wrong-host"))
observe("plain HTTP", lambda: get("plain-http"))
observe("closed in the handshake", lambda: get("close-in-handshake"))
