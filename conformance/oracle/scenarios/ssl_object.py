"""TLS over two memory buffers, against a real server: the program moves the records."""
import socket
import ssl

from observe import observe, observing, peers, pki, trusting_context


class Pump:
    """An `SSLObject` whose records are moved over a socket."""

    def __init__(self, peer, context=None, hostname="localhost"):
        self.socket = socket.create_connection(("127.0.0.1", peers[peer]), timeout=20)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = (context or trusting_context()).wrap_bio(self.incoming, self.outgoing, server_hostname=hostname)

    def flush(self):
        if self.outgoing.pending:
            self.socket.sendall(self.outgoing.read())

    def call(self, function, *parameters):
        while True:
            try:
                answer = function(*parameters)
            except ssl.SSLWantReadError:
                self.flush()
                received = self.socket.recv(16384)
                self.incoming.write(received) if received else self.incoming.write_eof()
                continue
            self.flush()
            return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


@observing("the first call wants the server's answer")
def _():
    with Pump("good") as pump:
        try:
            pump.tls.do_handshake()
        except ssl.SSLWantReadError as error:
            return [error, pump.outgoing.pending > 100, pump.tls.version(), pump.tls.server_hostname, pump.tls.server_side]


@observing("a request")
def _():
    with Pump("good") as pump:
        pump.call(pump.tls.do_handshake)
        pump.call(pump.tls.write, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        first = pump.call(pump.tls.read, 15)
        buffer = bytearray(4)
        count = pump.call(pump.tls.read, 4, buffer)
        return [pump.tls.version(), pump.tls.cipher(), pump.tls.getpeercert()["subject"], first, count, bytes(buffer), pump.tls.pending() > 0, repr(type(pump.tls.context))]


def handshake(peer, **parameters):
    with Pump(peer, **parameters) as pump:
        pump.call(pump.tls.do_handshake)
        return pump.tls.version()


observe("a certificate that is expired", lambda: handshake("expired"))
observe("a wrong name", lambda: handshake("good", hostname="wrong.test"))
observe("a server without TLS", lambda: handshake("plain-http"))
observe("a server that closes", lambda: handshake("close-in-handshake"))


@observing("writing before the handshake")
def _():
    with Pump("good") as pump:
        pump.tls.write(b"x")


@observing("the server's end")
def _():
    with Pump("good") as pump:
        pump.call(pump.tls.do_handshake)
        pump.call(pump.tls.write, b"GET / HTTP/1.0\r\n\r\n")
        total = 0
        while True:
            chunk = pump.call(pump.tls.read, 16384)
            if not chunk:
                return ["empty", total > 100]
            total += len(chunk)


@observing("end of the bytes without close_notify")
def _():
    with Pump("good") as pump:
        pump.call(pump.tls.do_handshake)
        pump.incoming.write_eof()
        pump.tls.read(1)


@observing("unwrap")
def _():
    with Pump("reversing") as pump:
        pump.call(pump.tls.do_handshake)
        return pump.call(pump.tls.unwrap)


observe("buffers of the wrong type", lambda: trusting_context().wrap_bio(1, 2))
observe("without a name", lambda: trusting_context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO()))
