"""Servers as one writes them for a real machine: threads, `http.server`, `socketserver`, a protocol that turns to TLS."""

import http.server
import socketserver
import ssl
import sys
import threading

#: So many requests of `/together` are answered at once, or none.
TOGETHER = 4


def _context(chain, key):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain, key)
    return context


def serve_https(chain, key, file):
    """HTTPS until somebody asks for `/stop`. Prints its port; answers how many requests there were, and in how many threads."""
    barrier = threading.Barrier(TOGETHER, timeout=60)
    threads = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            threads.append(threading.get_ident())
            if self.path == "/file":
                with open(file, "rb") as source:
                    self._head(source.seek(0, 2))
                    source.seek(0)
                    self.connection.sendfile(source)
                return
            if self.path == "/together":
                barrier.wait()
            self._answer(f"{self.request_version} {self.path} over {self.connection.version()}".encode())
            if self.path == "/stop":
                threading.Thread(target=self.server.shutdown).start()

        def do_POST(self):
            threads.append(threading.get_ident())
            self._answer(self.rfile.read(int(self.headers["Content-Length"]))[::-1])

        def _head(self, length):
            self.send_response(200)
            self.send_header("Content-Length", str(length))
            self.end_headers()

        def _answer(self, body):
            self._head(len(body))
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            """A client that refuses the certificate is part of the test, and no news."""
            if not isinstance(sys.exception(), ssl.SSLError):
                super().handle_error(request, client_address)

    with Server(("127.0.0.1", 0), Handler) as server:
        context = _context(chain, key)
        # The handshake is left to the connection's thread: a slow client does not hold up the others.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        print(f"port {server.server_port}", flush=True)
        server.serve_forever()
    return [len(threads), len(set(threads))]


def serve_smtp(chain, key, connections):
    """A mail server that wants STARTTLS, for so many connections. Prints its port; answers the mails."""
    context = _context(chain, key)
    mails = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self._say("220 mail.example.test")
            while line := self.rfile.readline():
                verb = line.decode().strip().partition(" ")[0].upper()
                if verb == "EHLO":
                    secure = isinstance(self.request, ssl.SSLSocket)
                    self._say("250 ready" if secure else "250-mail.example.test\r\n250 STARTTLS")
                elif verb == "STARTTLS":
                    self._say("220 go ahead")
                    self.request = context.wrap_socket(self.request, server_side=True)
                    self.setup_streams()
                elif verb == "DATA":
                    self._say("354 go ahead")
                    mails.append([self.request.version(), b"".join(iter(self.rfile.readline, b".\r\n")).decode()])
                    self._say("250 taken")
                elif verb == "QUIT":
                    self._say("221 bye")
                    break
                else:
                    self._say("250 fine")

        def setup_streams(self):
            self.rfile.close()
            self.rfile = self.request.makefile("rb", -1)

        def _say(self, text):
            self.request.sendall(text.encode() + b"\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = False
        print(f"port {server.server_address[1]}", flush=True)
        for _ in range(connections):
            server.handle_request()
    return mails
