"""Ports and names where nothing is."""
import http.client
import socket
import urllib.error
import urllib.request

from observe import observe, peers, trusting_context

def error_of(function):
    try:
        return function()
    except OSError as error:
        return error


observe("a refused port", lambda: socket.create_connection(("127.0.0.1", peers["refused"]), timeout=20))
observe("a refused port by name", lambda: socket.create_connection(("localhost", peers["refused"]), timeout=20))
observe("a refused port, connect_ex", lambda: __import__("errno").errorcode[socket.socket().connect_ex(("127.0.0.1", peers["refused"]))])
observe("an unknown name", lambda: isinstance(error_of(lambda: socket.create_connection(("does-not-exist.invalid", 443), timeout=20)), socket.gaierror))
observe("an unknown name, getaddrinfo", lambda: isinstance(error_of(lambda: socket.getaddrinfo("does-not-exist.invalid", 443)), socket.gaierror))
observe("http.client, a refused port", lambda: http.client.HTTPSConnection("127.0.0.1", peers["refused"], timeout=20).request("GET", "/"))
observe("urllib.request, a refused port", lambda: urllib.request.urlopen(f"https://127.0.0.1:{peers['refused']}/", timeout=20))
observe("a connect that is never answered", lambda: socket.create_connection(("127.0.0.1", peers["full"]), timeout=0.3))
observe("a port that is none", lambda: socket.socket().connect(("127.0.0.1", 99999)))
observe("an address of the wrong type", lambda: socket.create_connection("127.0.0.1"))
observe("an unknown name is told as such", lambda: type(error_of(lambda: socket.getaddrinfo("does-not-exist.invalid", 443))).__name__)
observe("urllib.request, an unknown name", lambda: type(error_of(lambda: urllib.request.urlopen("https://does-not-exist.invalid/", timeout=20)).reason).__name__)
