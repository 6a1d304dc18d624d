"""`socketpair`, `dup`, `detach`, `fileno`: several numbers for one connection, and what closing one of them does."""
import os
import socket

from ends import Sockets, arrived, connection, raised
from observe import observe, observing


@observing("a pair")
def _():
    a, b = socket.socketpair()
    with a, b:
        seen = [a.type == socket.SOCK_STREAM, a.gettimeout(), a.send(b"ping"), b.recv(9), b.sendall(b"pong"), a.recv(9)]
        a.close()
        return [*seen, b.recv(9)]


observe("a pair of a family that is none", lambda: socket.socketpair(99))
observe("a pair of a type that is none", lambda: socket.socketpair(type=99))


@observing("half of a pair ended")
def _():
    a, b = socket.socketpair()
    with a, b:
        a.sendall(b"last")
        a.shutdown(socket.SHUT_WR)
        seen = [b.recv(9), b.recv(9), b.send(b"still"), a.recv(9)]
        b.close()
        return [*seen, a.recv(9)]


@observing("a duplicate")
def _():
    a, b = connection()
    with a, b:
        twin = a.dup()
        seen = [type(twin).__name__, twin.fileno() != a.fileno(), twin.family == a.family, twin.type == a.type, twin.proto == a.proto, twin.gettimeout()]
        a.close()
        twin.sendall(b"from the twin")
        seen.append(arrived(b).recv(99))
        twin.close()
        return [*seen, b.recv(9)]


@observing("a duplicate has its own timeout")
def _():
    a, b = connection()
    with a, b:
        a.settimeout(3)
        with a.dup() as twin:
            twin.settimeout(1)
            return [a.gettimeout(), twin.gettimeout()]


@observing("what one reads the other does not")
def _():
    a, b = connection()
    with a, b, a.dup() as twin:
        b.sendall(b"12")
        arrived(a)
        return [a.recv(1), twin.recv(1)]


@observing("shutdown of one is shutdown of all")
def _():
    a, b = connection()
    with a, b, a.dup() as twin:
        twin.shutdown(socket.SHUT_WR)
        return [b.recv(9), raised(a.send, b"x")]


@observing("a duplicate of a listener accepts")
def _():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with listener.dup() as twin:
            listener.close()
            with socket.create_connection(twin.getsockname(), 20) as client:
                accepted, _ = twin.accept()
                with accepted:
                    client.sendall(b"hello")
                    return accepted.recv(9)


@observing("detach")
def _():
    a, b = connection()
    with b:
        number = a.detach()
        seen = [a.fileno(), raised(a.send, b"x"), a.detach(), repr(a).split(" ")[1]]
        with socket.socket(fileno=number) as again:
            again.sendall(b"x")
            return [*seen, arrived(b).recv(9), again.fileno() == number, again.family == socket.AF_INET, again.type == socket.SOCK_STREAM]


@observing("socket.close of a number")
def _():
    a, b = connection()
    with b:
        socket.close(a.detach())
        return [b.recv(9), raised(socket.close, 123456)]


@observing("socket.dup and fromfd")
def _():
    a, b = connection()
    with a, b:
        with socket.fromfd(a.fileno(), socket.AF_INET, socket.SOCK_STREAM) as other:
            seen = [other.fileno() != a.fileno(), other.getpeername() == a.getpeername()]
        with socket.socket(fileno=socket.dup(a.fileno())) as third:
            seen.append(third.getsockname() == a.getsockname())
        return [*seen, a.send(b"x"), arrived(b).recv(1)]


observe("dup of a number that is not open", lambda: socket.dup(123456))
observe("a TLS socket can't be duplicated", lambda: refuse_dup())


def refuse_dup():
    with Sockets() as pair:
        return pair.client.dup()


@observing("inheritance")
def _():
    with socket.socket() as sock:
        seen = [sock.get_inheritable()]
        sock.set_inheritable(True)
        seen.append(sock.get_inheritable())
        sock.set_inheritable(False)
        return [*seen, sock.get_inheritable()]


@observing("os.fstat and isatty of a socket's number")
def _():
    import stat

    a, b = connection()
    with a, b:
        return [os.isatty(a.fileno()), stat.S_ISSOCK(os.fstat(a.fileno()).st_mode)]


@observing("texts")
def _():
    a, b = connection()
    with a, b:
        text = repr(a)
        return [text.startswith("<socket.socket fd="), "laddr=" in text, "raddr=" in text, "family=2" in text, str(a.family), str(a.type), a.type == 1]


@observing("more attributes are refused")
def _():
    with socket.socket() as sock:
        sock.anything = 1
