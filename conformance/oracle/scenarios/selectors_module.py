"""`selectors` over sockets and TLS sockets."""
import selectors
import socket

from ends import Sockets, connection, raised
from observe import observe, observing

BOTH = selectors.EVENT_READ | selectors.EVENT_WRITE

for name in ("SelectSelector", "PollSelector", "DefaultSelector"):
    kind = getattr(selectors, name)

    @observing(f"{name}: life of a key")
    def _():
        a, b = connection()
        with a, b, kind() as selector:
            key = selector.register(a, selectors.EVENT_READ, "data")
            seen = [key.fileobj is a, key.fd == a.fileno(), key.events, key.data, selector.select(0)]
            key = selector.modify(a, BOTH, "other")
            seen += [key.data, [(found.data, events) for found, events in selector.select(0)]]
            b.send(b"x")
            seen += [[events for _, events in selector.select(20) if events & 1] and BOTH]
            seen += [selector.get_key(a).data, len(selector.get_map()), a in selector.get_map(), a.fileno() in selector.get_map()]
            seen += [selector.unregister(a).data, len(selector.get_map()), raised(selector.get_key, a)[:8]]
            return seen

    @observing(f"{name}: what is refused")
    def _():
        a, b = connection()
        with a, b, kind() as selector:
            selector.register(a, 1)
            calls = [
                lambda: selector.register(a, 1),
                lambda: selector.register(a.fileno(), 1),
                lambda: selector.register(b, 0),
                lambda: selector.register(b, 4),
                lambda: selector.register("x", 1),
                lambda: selector.register(-1, 1),
                lambda: selector.register(object(), 1),
                lambda: selector.unregister(b),
                lambda: selector.modify(b, 1),
                lambda: selector.modify(a, 8),
                lambda: selector.get_map()["x"],
            ]
            return [str(raised(call)).split("(")[0].split(":")[0] for call in calls]

    @observing(f"{name}: closed")
    def _():
        a, b = connection()
        with a, b:
            selector = kind()
            selector.register(a, 1)
            selector.close()
            return [selector.get_map(), str(raised(selector.get_key, a)).split(":")[0], selector.close()]

    @observing(f"{name}: a closed socket")
    def _():
        a, b = connection()
        with kind() as selector:
            selector.register(a, 1)
            a.close()
            b.close()
            key = selector.unregister(a)
            return [key.fileobj is a, len(selector.get_map())]

    @observing(f"{name}: time")
    def _():
        with kind() as selector:
            a, b = connection()
            with a, b:
                selector.register(a, 1)
                return [selector.select(0), selector.select(-1), selector.select(0.01)]


@observing("an echo server of one thread")
def _():
    log = []
    with selectors.DefaultSelector() as selector, socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        selector.register(listener, selectors.EVENT_READ, "accept")
        clients = [socket.create_connection(listener.getsockname(), 20) for _ in range(3)]
        for number, client in enumerate(clients):
            client.sendall(f"client {number}".encode())
        served = 0
        while served < 3:
            for key, _ in selector.select(20):
                if key.data == "accept":
                    connected, _ = listener.accept()
                    connected.setblocking(False)
                    selector.register(connected, selectors.EVENT_READ, "echo")
                else:
                    data = key.fileobj.recv(100)
                    key.fileobj.sendall(data.upper())
                    selector.unregister(key.fileobj)
                    key.fileobj.close()
                    served += 1
        for client in clients:
            log.append(client.recv(100))
            client.close()
    return log


@observing("a TLS socket, and what is pending in it")
def _():
    with Sockets(timeout=0) as pair, selectors.DefaultSelector() as selector:
        selector.register(pair.client, selectors.EVENT_READ)
        seen = [len(selector.select(0))]
        pair.server.send(b"0123456789")
        seen += [len(selector.select(20)), pair.client.recv(4), len(selector.select(0)), pair.client.pending()]
        return seen
