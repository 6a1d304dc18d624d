"""A stream that ends without close_notify, which an attacker could have cut."""
import ssl

from observe import connected, observe, observing, read_all, trusting_context

REQUEST = b"GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n"


def read(**parameters):
    with connected("truncated", **parameters) as tls:
        tls.sendall(REQUEST)
        return len(read_all(tls)) > 100_000


observe("is an end like any other by default", lambda: read())
observe("is an error when asked for", lambda: read(suppress_ragged_eofs=False))


@observing("comes up in recv_into, too")
def _():
    with connected("truncated", suppress_ragged_eofs=False) as tls:
        tls.sendall(REQUEST)
        buffer = bytearray(16384)
        while tls.recv_into(buffer):
            pass


@observing("makes unwrap fail")
def _():
    with connected("truncated") as tls:
        tls.sendall(REQUEST)
        read_all(tls)
        return type(tls.unwrap()).__name__


@observing("http.client notices by the length")
def _():
    import http.client

    from observe import peers

    connection = http.client.HTTPSConnection("localhost", peers["truncated"], context=trusting_context(), timeout=20)
    connection.request("GET", "/big.bin")
    response = connection.getresponse()
    try:
        response.read()
    except http.client.IncompleteRead as error:
        return [response.status, len(error.partial) > 100_000, len(error.partial) + error.expected]
