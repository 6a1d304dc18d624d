"""A client and a server in one program, over memory buffers."""
import ssl

from observe import observe, observing, pki, trusting_context


class Pair:
    def __init__(self, client=None, server=None, hostname="localhost"):
        self.to_client, self.to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        server = server or server_context()
        self.client = (client or trusting_context()).wrap_bio(self.to_client, self.to_server, server_hostname=hostname)
        self.server = server.wrap_bio(self.to_server, self.to_client, server_side=True)

    def handshake(self):
        waiting = [self.client, self.server]
        for _ in range(20):
            for side in list(waiting):
                try:
                    side.do_handshake()
                    waiting.remove(side)
                except ssl.SSLWantReadError:
                    pass
            if not waiting:
                return self
        raise AssertionError("the handshake does not end")


def server_context(leaf="good"):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pki[f"{leaf}.chain"], pki[f"{leaf}.key"])
    return context


@observing("handshake and bytes in both directions")
def _():
    pair = Pair().handshake()
    pair.client.write(b"ping")
    seen = [pair.server.read(10)]
    pair.server.write(b"pong")
    seen.append(pair.client.read(10))
    return seen + [pair.client.version(), pair.server.version(), pair.client.cipher() == pair.server.cipher(), pair.server.server_side]


@observing("without a server's certificate")
def _():
    Pair(server=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)).handshake()


@observing("a wrong name, seen by the client")
def _():
    Pair(hostname="wrong.test").handshake()


@observing("nothing to read yet")
def _():
    Pair().handshake().client.read(1)


@observing("in order to the end")
def _():
    pair = Pair().handshake()
    seen = []
    try:
        pair.client.unwrap()
    except ssl.SSLWantReadError as error:
        seen.append(error)
    seen.append(pair.server.unwrap())
    seen.append(pair.client.unwrap())
    return seen


@observing("channel binding is the same on both sides")
def _():
    client = trusting_context()
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    pair = Pair(client).handshake()
    return [pair.client.get_channel_binding() == pair.server.get_channel_binding(), len(pair.client.get_channel_binding())]


@observing("much in one direction")
def _():
    pair = Pair().handshake()
    data = bytes(range(256)) * 1000
    received = b""
    view = memoryview(data)
    while view:
        count = pair.client.write(view)
        view = view[count:]
        while True:
            try:
                received += pair.server.read(100_000)
            except ssl.SSLWantReadError:
                break
    return [len(received), received == data]
