"""Python's side of one cell of the interoperation matrix: plain `ssl` and `socket`, as any program would use them.

What is to be done comes as JSON (`Settings` in settings.ts), what happened goes back as JSON (`Report`). A client makes its
connections in `connect`. A server listens in `listen`, and accepts in `serve` when the peer has been started.
"""

import collections
import hashlib
import json
import socket
import ssl

#: No step of an exchange takes longer, unless it hangs.
DEADLINE_SECONDS = 60
HELLO = b"hello from Python\n"

_listener = None


def listen():
    """Opens the listening socket for the next `serve`; answers its port."""
    global _listener
    _listener = socket.create_server(("127.0.0.1", 0))
    _listener.settimeout(DEADLINE_SECONDS)
    return _listener.getsockname()[1]


def serve(text):
    """Accepts as many connections as the settings say, one after another."""
    settings = json.loads(text)
    counts = collections.Counter()
    with _listener:
        context = _context(settings, counts)
        reports = []
        for _ in range(settings["connections"]):
            connection, _address = _listener.accept()
            with connection:
                connection.settimeout(DEADLINE_SECONDS)
                reports.append(_report(settings, context, connection, counts, None)[0])
    return json.dumps(reports)


def connect(text):
    """Makes as many connections as the settings say; each resumes the session of the one before."""
    settings = json.loads(text)
    counts = collections.Counter()
    context = _context(settings, counts)
    reports = []
    session = None
    for _ in range(settings["connections"]):
        with socket.create_connection(("127.0.0.1", settings["port"]), DEADLINE_SECONDS) as connection:
            report, session = _report(settings, context, connection, counts, session)
            reports.append(report)
    return json.dumps(reports)


def _context(settings, counts):
    is_server = settings["side"] == "server"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if is_server else ssl.PROTOCOL_TLS_CLIENT)
    version = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[settings["version"]]
    context.minimum_version = context.maximum_version = version
    if settings["trust"] is not None:
        context.load_verify_locations(cafile=settings["trust"])
    if settings["leaf"] is not None:
        context.load_cert_chain(settings["leaf"]["chain"], settings["leaf"]["key"])
    if settings["clientCertificate"] and is_server:
        context.verify_mode = ssl.CERT_REQUIRED
    if settings["alpn"]:
        context.set_alpn_protocols(settings["alpn"])
    if settings["group"] is not None:
        context.set_ecdh_curve(settings["group"])
    if not settings["tickets"]:
        context.options |= ssl.OP_NO_TICKET
    if settings["psk"] is not None:
        _use_psk(context, settings)

    def count(_connection, direction, _version, content_type, message_type, _data):
        if content_type == ssl._TLSContentType.HANDSHAKE:
            counts[f"{direction} {message_type.name}"] += 1

    context._msg_callback = count
    return context


def _use_psk(context, settings):
    identity, key = settings["psk"]["identity"], bytes.fromhex(settings["psk"]["key"])
    if settings["version"] == "1.2":
        context.set_ciphers("PSK")
    if settings["side"] == "server":
        context.set_psk_server_callback(lambda asked: key if asked == identity else b"")
    else:
        # The key is the proof of who the server is; there is no certificate to check.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_psk_client_callback(lambda hint: (identity, key))


def _report(settings, context, connection, counts, session):
    """One connection: handshake, exchange, end. Answers the report, and the session for the next connection."""
    counts.clear()
    report = {"error": None}
    is_server = settings["side"] == "server"
    try:
        with context.wrap_socket(
            connection,
            server_side=is_server,
            server_hostname=None if is_server else settings["serverName"],
            session=session,
            # A half-close is about how each direction ends: there an end without close_notify is an error.
            suppress_ragged_eofs=settings["exchange"]["kind"] != "half-close",
        ) as tls:
            report |= {
                "version": tls.version(),
                "cipher": tls.cipher()[0],
                "reused": tls.session_reused,
                "alpn": tls.selected_alpn_protocol(),
                "peer": _common_name(tls),
            }
            exchange = settings["exchange"]
            report |= EXCHANGES[f"{exchange['kind']} {settings['side']} {settings['protocol']}"](tls, exchange)
            # A ticket comes after the handshake: the session to resume is the one known at the end.
            session = None if is_server else tls.session
            report["end"] = _finish(tls)
    except Exception as error:
        reason = getattr(error, "reason", None)
        report["error"] = f"{type(error).__name__} {reason or ''} {error}"
    report["messages"] = dict(counts)
    return report, session


def _common_name(tls):
    certificate = tls.getpeercert() or {}
    return next((value for name in certificate.get("subject", ()) for key, value in name if key == "commonName"), None)


def pattern(byte_length):
    """Lines of 1,024 bytes, numbered: the same on every side, and text, since some peers carry lines only."""
    return b"".join(b"%08d %s\n" % (number, b"x" * 1014) for number in range(byte_length // 1024))


class _Reader:
    """Reads lines, lengths and the rest, from a TLS socket that may give more or less at a time."""

    def __init__(self, tls):
        self._tls = tls
        self._buffer = bytearray()

    def _more(self):
        try:
            chunk = self._tls.recv(65536)
        except ssl.SSLZeroReturnError:
            # So says `_ssl` where both sides have said close_notify; where only the peer has, it is b"".
            return False
        self._buffer += chunk
        return bool(chunk)

    def take(self, byte_length):
        while len(self._buffer) < byte_length:
            if not self._more():
                raise EOFError(f"the peer ended after {len(self._buffer)} of {byte_length} bytes")
        taken = bytes(self._buffer[:byte_length])
        del self._buffer[:byte_length]
        return taken

    def until(self, mark):
        while mark not in self._buffer:
            if not self._more():
                raise EOFError(f"the peer ended after {bytes(self._buffer)!r}")
        return self.take(self._buffer.index(mark) + len(mark))

    def rest(self):
        while self._more():
            pass
        return self.take(len(self._buffer))


def _digest(data):
    return {"byteLength": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _finish(tls):
    """Says close_notify and waits for the peer's; answers how the connection ended."""
    try:
        tls.unwrap()
        return "close_notify"
    except OSError as error:
        return f"{type(error).__name__} {error}"


def _hello_client(tls, exchange):
    try:
        tls.sendall(HELLO)
    except ConnectionError:
        pass  # the server refused and is gone already; its alert, if it came, is still to be read
    line = _Reader(tls).until(b"\n")
    return {"line": line.decode()}


def _hello_server(tls, exchange):
    reader = _Reader(tls)
    line = reader.until(b"\n")
    tls.sendall(HELLO)
    return {"line": line.decode(), "rest": len(reader.rest())}


def _large_client(tls, exchange):
    data = memoryview(pattern(exchange["byteLength"]))
    reader = _Reader(tls)
    # An echoing peer has to be read from while it is written to; any other gets all, and then sends all.
    pieces = []
    for start in range(0, len(data), exchange["pieceLength"]):
        piece = data[start : start + exchange["pieceLength"]]
        tls.sendall(piece)
        pieces.append(reader.take(len(piece)))
    return {"received": _digest(b"".join(pieces))}


def _large_server(tls, exchange):
    reader = _Reader(tls)
    received = reader.take(exchange["byteLength"])
    tls.sendall(pattern(exchange["byteLength"]))
    return {"received": _digest(received), "rest": len(reader.rest())}


def _half_close(side):
    def exchange_of(tls, exchange):
        return (_end_first if exchange["by"] == side else _end_last)(tls, exchange)

    return exchange_of


def _end_first(tls, exchange):
    """Says close_notify first, and reads all that still comes."""
    tls.sendall(HELLO)
    tls.setblocking(False)
    try:
        tls.unwrap()
    except ssl.SSLWantReadError:
        pass  # close_notify is sent; the peer's is not there yet
    else:
        raise RuntimeError("the peer had said close_notify already")
    tls.settimeout(DEADLINE_SECONDS)
    received = _Reader(tls).rest()
    return {"received": _digest(received)}


def _end_last(tls, exchange):
    """Reads until the peer's close_notify, and then still sends."""
    line = _Reader(tls).rest()
    tls.sendall(pattern(exchange["byteLength"]))
    return {"line": line.decode()}


def _key_update(tls, exchange):
    """Says hello, then answers each line, before which the peer has updated its keys and asked for ours."""
    reader = _Reader(tls)
    tls.sendall(HELLO)
    lines = []
    for _ in range(exchange["rounds"]):
        lines.append(reader.until(b"\n").decode())
        tls.sendall(lines[-1].encode())
    if not tls.server_side:
        return {"lines": lines}
    return {"lines": lines, "rest": len(reader.rest())}


def _http_request(tls, request, body=b""):
    tls.sendall(request.encode() + b"\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body))
    tls.sendall(body)


def _http_answer(reader):
    head = reader.until(b"\r\n\r\n").decode().lower()
    length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
    body = reader.take(int(length.partition(":")[2]))
    status = head.split(" ", 2)[1]
    if status not in ("200", "206"):
        raise RuntimeError(f"HTTP {status}: {body.decode()}")
    return body


def _hello_http_client(tls, exchange):
    _http_request(tls, "GET /tls HTTP/1.1")
    return {"line": _http_answer(_Reader(tls)).decode()}


def _large_http_client(tls, exchange):
    byte_length = exchange["byteLength"]
    reader = _Reader(tls)
    _http_request(tls, "POST /upload HTTP/1.1", pattern(byte_length))
    line = _http_answer(reader).decode()
    _http_request(tls, f"GET /big.bin HTTP/1.1\r\nRange: bytes=0-{byte_length - 1}")
    return {"line": line, "received": _digest(_http_answer(reader))}


def _http_server(answer_of):
    def answer_request(tls, exchange):
        reader = _Reader(tls)
        head = reader.until(b"\r\n\r\n").decode().lower()
        length = next((line for line in head.split("\r\n") if line.startswith("content-length:")), ":0")
        received = reader.take(int(length.partition(":")[2]))
        body = answer_of(exchange)
        tls.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body))
        tls.sendall(body)
        return {"received": _digest(received), "rest": len(reader.rest())}

    return answer_request


EXCHANGES = {
    "hello client raw": _hello_client,
    "hello server raw": _hello_server,
    "hello client http": _hello_http_client,
    "hello server http": _http_server(lambda exchange: HELLO),
    "large client raw": _large_client,
    "large server raw": _large_server,
    "large client http": _large_http_client,
    "large server http": _http_server(lambda exchange: pattern(exchange["byteLength"])),
    "half-close client raw": _half_close("client"),
    "half-close server raw": _half_close("server"),
    "key-update client raw": _key_update,
    "key-update server raw": _key_update,
}
