"""Minimal HTTP/1.1 over ``socket`` and ``ssl``, for the peers' harness."""

import socket
import ssl

from bench_settings import ca

context = ssl.create_default_context(cadata=ca)
buffer = bytearray(262144)
view = memoryview(buffer)
idle = {}


def get(is_tls, host, port, path):
    """The length of the body of one response, on the connection kept from the last one if there is one."""
    key = host, port
    connection = idle.pop(key, None)
    if connection is None:
        connection = socket.create_connection(key)
        if is_tls:
            connection = context.wrap_socket(connection, server_hostname=host)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    filled = end = 0
    while not end:
        received = connection.recv_into(view[filled:])
        if not received:
            raise ConnectionError("the server closed the connection")
        filled += received
        end = buffer.find(b"\r\n\r\n", 0, filled) + 4 if filled >= 4 else 0
        if end == 3:
            end = 0
    head = buffer[:end].lower()
    if not head.startswith(b"http/1.1 200"):
        raise RuntimeError(head.partition(b"\r\n")[0].decode())
    length = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
    left = length - (filled - end)
    while left > 0:
        received = connection.recv_into(buffer)
        if not received:
            raise ConnectionError("the server closed the connection")
        left -= received
    if b"\r\nconnection: close" in head:
        connection.close()
    else:
        idle[key] = connection
    return length
