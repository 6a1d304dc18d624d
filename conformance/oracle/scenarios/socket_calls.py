"""The socket methods of a TLS socket: those that work, and those that TLS can't have."""
from observe import connected, observe, observing

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def call(use):
    with connected("good") as tls:
        return use(tls)


@observing("read, write, pending")
def _():
    with connected("good") as tls:
        written = tls.write(REQUEST)
        first = tls.read(5)
        waiting = tls.pending() > 0
        buffer = bytearray(4)
        more = tls.read(4, buffer)
        return [written, first, waiting, more, bytes(buffer)]


@observing("recv, recv_into, send")
def _():
    with connected("good") as tls:
        sent = tls.send(memoryview(REQUEST))
        buffer = bytearray(9)
        count = tls.recv_into(buffer, 4)
        return [sent, tls.recv(4), count, bytes(buffer)]


@observing("as a file")
def _():
    with connected("good") as tls:
        with tls.makefile("rwb") as file:
            file.write(REQUEST)
            file.flush()
            return file.readline()


observe("sendall", lambda: call(lambda tls: tls.sendall(REQUEST)))
observe("sending nothing", lambda: call(lambda tls: tls.send(b"")))
observe("reading nothing", lambda: call(lambda tls: tls.recv(0)))
observe("reading into nothing", lambda: call(lambda tls: tls.recv_into(bytearray(0))))
observe("reading a negative number of bytes", lambda: call(lambda tls: tls.recv(-1)))
observe("sending text", lambda: call(lambda tls: tls.send("text")))
observe("reading into bytes", lambda: call(lambda tls: tls.recv_into(b"fixed")))
observe("send with flags", lambda: call(lambda tls: tls.send(b"x", 1)))
observe("sendall with flags", lambda: call(lambda tls: tls.sendall(b"x", 1)))
observe("recv with flags", lambda: call(lambda tls: tls.recv(1, 2)))
observe("recvfrom", lambda: call(lambda tls: tls.recvfrom(1)))
observe("recvfrom_into", lambda: call(lambda tls: tls.recvfrom_into(bytearray(1))))
observe("sendto", lambda: call(lambda tls: tls.sendto(b"x", ("127.0.0.1", 1))))
observe("recvmsg", lambda: call(lambda tls: tls.recvmsg(1)))
observe("recvmsg_into", lambda: call(lambda tls: tls.recvmsg_into([bytearray(1)])))
observe("sendmsg", lambda: call(lambda tls: tls.sendmsg([b"x"])))
observe("dup", lambda: call(lambda tls: tls.dup()))
observe("accept", lambda: call(lambda tls: tls.accept()))
observe("connect again", lambda: call(lambda tls: tls.connect(("127.0.0.1", 1))))
observe("handshake again", lambda: call(lambda tls: tls.do_handshake()))
