"""HTTPS servers in a thread: `http.server`, `socketserver`'s mixins, and the clients of the standard library."""
import http.client
import http.server
import socketserver
import threading
import urllib.error
import urllib.request

from ends import client_context, raised, server_context
from observe import observe, observing


class Pages(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def version_string(self):
        return "test"

    def date_time_string(self, timestamp=None):
        return "now"

    def answer(self, body, status=200):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/missing":
            return self.send_error(404)
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/target")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        tls = self.connection.version() if hasattr(self.connection, "version") else None
        self.answer(f"{self.path} {tls}".encode())

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers["Content-Length"]))[::-1], 201)


class running:
    """A server in a thread, as a context manager that answers its port."""

    def __init__(self, kind, handler, tls=True):
        self.server = kind(("127.0.0.1", 0), handler)
        self.server.handle_error = lambda request, address: None
        if tls:
            self.server.socket = server_context().wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self):
        self.thread.start()
        return self.server.server_address[1]

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


KINDS = {"one thread": http.server.HTTPServer, "a thread for each": http.server.ThreadingHTTPServer}

for name, kind in KINDS.items():

    @observing(f"http.client, {name}")
    def _():
        with running(kind, Pages) as port:
            client = http.client.HTTPSConnection("localhost", port, context=client_context(), timeout=20)
            seen = []
            for path in ("/a", "/b?c", "/missing"):
                client.request("GET", path)
                response = client.getresponse()
                seen.append([response.status, response.getheader("Server"), response.read()[:60]])
            client.request("POST", "/", body=b"forwards")
            seen.append(client.getresponse().read())
            client.close()
            return seen

    @observing(f"urllib.request, {name}")
    def _():
        with running(kind, Pages) as port:
            context = client_context()
            seen = []
            for path in ("/x", "/moved"):
                with urllib.request.urlopen(f"https://localhost:{port}{path}", context=context, timeout=20) as response:
                    seen.append([response.status, response.read(), response.url.rsplit("/", 1)[1]])
            try:
                urllib.request.urlopen(f"https://localhost:{port}/missing", context=context, timeout=20)
            except urllib.error.HTTPError as error:
                seen.append([error.code, error.reason])
                error.close()
            return seen


@observing("plain HTTP, by many clients at once")
def _():
    with running(http.server.ThreadingHTTPServer, Pages, tls=False) as port:
        seen = []

        def fetch(number):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{number}", timeout=20) as response:
                seen.append(response.read())

        threads = [threading.Thread(target=fetch, args=(number,)) for number in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(seen)


@observing("a client that does not trust the server, and one that does afterwards")
def _():
    with running(http.server.ThreadingHTTPServer, Pages) as port:
        seen = []
        for context in (None, client_context()):
            client = http.client.HTTPSConnection("localhost", port, context=context, timeout=20)
            seen.append(raised(lambda: (client.request("GET", "/"), client.getresponse().read())[1]))
            client.close()
        return seen


@observing("a threading TCP server")
def _():
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            for line in self.rfile:
                self.wfile.write(line.upper())

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = False
        block_on_close = True

    with running(Server, Handler) as port:
        import socket

        seen = []
        for text in (b"one\n", b"two\n"):
            with client_context().wrap_socket(socket.create_connection(("127.0.0.1", port), 20), server_hostname="localhost") as tls:
                tls.sendall(text)
                seen.append(tls.recv(99))
                tls.unwrap()
        return seen


@observing("a server that is shut down while it waits")
def _():
    server = running(http.server.HTTPServer, Pages, tls=False)
    with server:
        pass
    return [server.thread.is_alive(), raised(server.server.fileno)]
