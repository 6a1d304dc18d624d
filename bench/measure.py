"""What is timed, in plain Python: the same file runs on native CPython and here. Every function answers seconds."""

import http.client
import ssl
import time

HOST = "localhost"


def first_response(port, ca):
    """One request on a fresh connection, with everything that has to be made for it."""
    context = ssl.create_default_context(cafile=ca)
    start = time.perf_counter()
    _get(http.client.HTTPSConnection(HOST, port, context=context))
    return time.perf_counter() - start


def connections(port, ca, count):
    """Connect, full handshake, one small request, close: one after another, on one context."""
    context = ssl.create_default_context(cafile=ca)
    start = time.perf_counter()
    for _ in range(count):
        _get(http.client.HTTPSConnection(HOST, port, context=context))
    return time.perf_counter() - start


def requests(port, ca, count):
    """Small requests on one open connection, one after another."""
    connection = http.client.HTTPSConnection(HOST, port, context=ssl.create_default_context(cafile=ca))
    _exchange(connection)
    start = time.perf_counter()
    for _ in range(count):
        _exchange(connection)
    took = time.perf_counter() - start
    connection.close()
    return took


def download(port, ca, count):
    """`count` bytes in one response, read into one buffer; the handshake is not timed."""
    connection = http.client.HTTPSConnection(HOST, port, context=ssl.create_default_context(cafile=ca))
    _exchange(connection)
    start = time.perf_counter()
    connection.request("GET", "/big.bin", headers={"Range": f"bytes=0-{count - 1}"})
    response = connection.getresponse()
    buffer = bytearray(262144)
    received = 0
    while length := response.readinto(buffer):
        received += length
    took = time.perf_counter() - start
    connection.close()
    if received != count:
        raise RuntimeError(f"{received} bytes instead of {count}")
    return took


def _exchange(connection):
    connection.request("GET", "/")
    response = connection.getresponse()
    if response.status != 200 or not response.read():
        raise RuntimeError(f"status {response.status}")


def _get(connection):
    _exchange(connection)
    connection.close()
