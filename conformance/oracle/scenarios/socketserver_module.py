"""`socketserver` and `http.server` without threads: the request waits in the connection before the server looks at it."""
import http.client
import http.server
import io
import socket
import socketserver

from observe import observe, observing


def served(handler, *requests, kind=socketserver.TCPServer, **attributes):
    """Each request is sent, one call of the server handles it, and the answer is read to its end."""
    answers = []
    with kind(("127.0.0.1", 0), handler) as server:
        for name, value in attributes.items():
            setattr(server, name, value)
        for request in requests:
            with socket.create_connection(server.server_address, 20) as client:
                client.sendall(request)
                client.shutdown(socket.SHUT_WR)
                server.handle_request()
                answers.append(client.makefile("rb").read())
    return answers


class Upper(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())


class Raw(socketserver.BaseRequestHandler):
    def setup(self):
        self.steps = ["setup"]

    def handle(self):
        self.steps.append(f"handle {self.request.recv(100)!r} {self.client_address[0]} {type(self.server).__name__}")

    def finish(self):
        self.request.sendall("; ".join([*self.steps, "finish"]).encode())


observe("lines", lambda: served(Upper, b"one\ntwo\n", b"three"))
observe("the request itself", lambda: served(Raw, b"hello"))
observe("attributes of a server", lambda: [getattr(socketserver.TCPServer, name) for name in ("address_family", "socket_type", "request_queue_size", "allow_reuse_address", "timeout")])


@observing("a handler that fails is reported, and the server goes on")
def _():
    class Failing(socketserver.BaseRequestHandler):
        def handle(self):
            raise ValueError("in the handler")

    class Server(socketserver.TCPServer):
        seen = []

        def handle_error(self, request, address):
            import sys

            self.seen.append([type(sys.exception()).__name__, address[0]])

    return [served(Failing, b"x", b"y", kind=Server), Server.seen]


@observing("a request that is refused")
def _():
    class Server(socketserver.TCPServer):
        def verify_request(self, request, address):
            return False

    return served(Raw, b"x", kind=Server)


@observing("no request in time")
def _():
    class Server(socketserver.TCPServer):
        timeout = 0.02
        timed_out = 0

        def handle_timeout(self):
            self.timed_out += 1

    with Server(("127.0.0.1", 0), Raw) as server:
        server.handle_request()
        return server.timed_out


@observing("a port that is taken")
def _():
    with socketserver.TCPServer(("127.0.0.1", 0), Raw) as server:
        socketserver.TCPServer(server.server_address, Raw)


@observing("not bound, not active")
def _():
    with socketserver.TCPServer(("127.0.0.1", 0), Raw, bind_and_activate=False) as server:
        before = server.server_address
        server.server_bind()
        server.server_activate()
        return [before, server.server_address[1] > 0, server.fileno() == server.socket.fileno()]


class Pages(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def version_string(self):
        return "test"

    def date_time_string(self, timestamp=None):
        return "now"

    def do_GET(self):
        body = f"{self.command} {self.path} {self.headers.get('X-Test')}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))[::-1]
        self.send_response(201, "Made")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


def http_served(*requests):
    return [answer.decode() for answer in served(Pages, *requests, kind=http.server.HTTPServer)]


observe("GET", lambda: http_served(b"GET /a?b HTTP/1.1\r\nHost: x\r\nX-Test: yes\r\nConnection: close\r\n\r\n"))
observe("two requests on one connection", lambda: http_served(b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
observe("POST", lambda: http_served(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde"))
observe("HTTP/1.0", lambda: http_served(b"GET / HTTP/1.0\r\n\r\n"))
observe("a method that is none", lambda: [answer.split("\r\n")[0] for answer in http_served(b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n")])
observe("nothing", lambda: http_served(b""))


@observing("http.client against http.server, by turns")
def _():
    with http.server.HTTPServer(("127.0.0.1", 0), Pages) as server:
        client = http.client.HTTPConnection(*server.server_address, timeout=20)
        client.request("POST", "/", body=b"forwards")
        server.handle_request()
        response = client.getresponse()
        seen = [response.status, response.reason, response.read(), server.server_name != "", server.server_port == server.server_address[1]]
        client.close()
        return seen


@observing("what a handler writes is a socket's file")
def _():
    seen = []

    class Look(socketserver.StreamRequestHandler):
        wbufsize = 512

        def handle(self):
            seen.append([type(self.rfile).__name__, type(self.wfile).__name__, isinstance(self.wfile, io.BufferedIOBase)])
            self.wfile.write(b"buffered")

    return [served(Look, b"x"), seen]
