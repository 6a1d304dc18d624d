/** The examples that the page offers. Ordinary Python: nothing in them knows that it runs in a page. */

/** Where the local HTTPS site's servers are, filled into the code. */
export interface SiteUrls {
  readonly main: string;
  readonly expired: string;
  readonly wrongHost: string;
  readonly untrusted: string;
  readonly clientCertificate: string;
}

/** One entry of the examples bar. */
export interface Example {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly code: string;
}

/** The files that the client certificate example reads; the page writes them into Python's file system. */
export const CLIENT_FILES = { certificate: "client.pem", key: "client.key" } as const;

/** The examples, with the site's addresses in their code. */
export function examples(site: SiteUrls): readonly Example[] {
  const port = new URL(site.main).port;
  return [
    {
      id: "get",
      title: "GET",
      about: "Unmodified requests: its own sockets, its own handshake, certificates verified in this page.",
      code: `import requests

r = requests.get("${site.main}/json")

print(r.status_code, r.reason, "· HTTP version", r.raw.version)
for name, value in r.json().items():
    print(f"{name:>16}: {value}")
`,
    },
    {
      id: "post",
      title: "POST JSON",
      about: "A session keeps its connection: both requests travel over one handshake.",
      code: `import requests

with requests.Session() as session:
    order = {"item": "teapot", "count": 2, "gift": True}
    r = session.post("${site.main}/echo", json=order)
    r.raise_for_status()
    print("sent back:", r.json()["json"])

    r = session.get("${site.main}/headers")
    for name, value in r.json()["headers"].items():
        print(f"{name:>16}: {value}")
`,
    },
    {
      id: "errors",
      title: "Certificate errors",
      about: "Four servers; three of them must not be trusted. OpenSSL says why, as it does natively.",
      code: `import ssl
import requests

servers = {
    "a good one": "${site.main}",
    "expired certificate": "${site.expired}",
    "another host's certificate": "${site.wrongHost}",
    "unknown authority": "${site.untrusted}",
}

def origin(error):
    """The ssl error at the start of a chain of exceptions."""
    while not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error

for what, url in servers.items():
    try:
        r = requests.get(url)
        print(f"✓ {what}: {r.status_code} {r.reason}")
    except requests.exceptions.SSLError as e:
        why = origin(e)
        print(f"✗ {what}: {why.verify_message} ({why.verify_code})")
`,
    },
    {
      id: "client",
      title: "Client certificate",
      about: "A server that lets nobody in without a certificate. The two files are in Python's file system.",
      code: `import requests

url = "${site.clientCertificate}/json"

try:
    requests.get(url)
except requests.exceptions.RequestException as e:
    print("without a certificate:", type(e).__name__)

r = requests.get(url, cert=("${CLIENT_FILES.certificate}", "${CLIENT_FILES.key}"))
client = r.json()["client"]
print("with one:", client["subject"], "· issued by", client["issuer"])
`,
    },
    {
      id: "socket",
      title: "Sockets + ssl",
      about: "The layer below: a TCP socket, a context of your own, HTTP by hand.",
      code: `import socket
import ssl

context = ssl.create_default_context()
context.minimum_version = ssl.TLSVersion.TLSv1_3

with socket.create_connection(("localhost", ${port}), timeout=10) as tcp:
    with context.wrap_socket(tcp, server_hostname="localhost") as tls:
        print(tls.version(), *tls.cipher())
        for (name, value), in tls.getpeercert()["subject"]:
            print(f"{name}: {value}")

        tls.sendall(b"GET / HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n")
        answer = b""
        while chunk := tls.recv(65536):
            answer += chunk

head, _, body = answer.decode().partition("\\r\\n\\r\\n")
print(head, body, sep="\\n\\n")
`,
    },
    {
      id: "urllib",
      title: "urllib",
      about: "Python's own urllib.request, with nothing installed.",
      code: `import json
from urllib.request import Request, urlopen

with urlopen("${site.main}/") as response:
    print(response.status, response.headers["Content-Type"])
    print(response.read().decode())

request = Request("${site.main}/echo", data=b"name=Ada&born=1815")
with urlopen(request, timeout=10) as response:
    print(json.load(response))
`,
    },
    {
      id: "download",
      title: "Download",
      about: "50 MB, decrypted and hashed in the page. Interrupt stops it half way.",
      code: `import hashlib
import time
import requests

r = requests.get("${site.main}/download/50", stream=True)
size = int(r.headers["Content-Length"])
digest, received = hashlib.sha256(), 0
start = time.monotonic()

for chunk in r.iter_content(1 << 20):
    digest.update(chunk)
    tenths = 10 * received // size
    received += len(chunk)
    if 10 * received // size > tenths:
        print(f"{received / size:4.0%}")

took = time.monotonic() - start
print(f"{size / 1e6:.0f} MB in {took:.1f} s: {size / 1e6 / took:.0f} MB/s")
is_right = digest.hexdigest() == r.headers["X-Content-SHA256"]
print("SHA-256 is", "right" if is_right else "WRONG")
`,
    },
    {
      id: "resume",
      title: "Resumption",
      about: "The second connection takes up the first one's session: no certificates travel again.",
      code: `import socket
import ssl

context = ssl.create_default_context()

def visit(session=None):
    with socket.create_connection(("localhost", ${port})) as tcp:
        with context.wrap_socket(tcp, server_hostname="localhost", session=session) as tls:
            tls.sendall(b"GET /json HTTP/1.0\\r\\n\\r\\n")
            while tls.recv(65536):
                pass
            print("resumed:", tls.session_reused)
            return tls.session

session = visit()
visit(session)
`,
    },
  ];
}
