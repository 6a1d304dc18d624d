/** Servers written in Python, in a page: reached by clients of the same Python, without any gateway. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeInBrowser, sharedHarness } from "./suite.ts";

const SERVE = `
import http.server, socket, ssl, threading

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))[::-1]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

def https_server(family=socket.AF_INET, host="127.0.0.1"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("/server.pem")
    class Server(http.server.ThreadingHTTPServer):
        address_family = family
    server = Server((host, 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server
`;

describeInBrowser("servers in a page", () => {
  const harness = sharedHarness();

  test("an HTTPS server serves verified clients of the same Python, over IPv4 and IPv6, many at once", async () => {
    await using python = await harness().startPython({ ca: harness().ca });
    await python.writeFile("/server.pem", readFileSync(harness().peers.pki.leaf("good").bundle, "utf8"));
    const seen = await python.run(`${SERVE}
import concurrent.futures, json, urllib.request

def fetch(url, body):
    with urllib.request.urlopen(url, data=body, timeout=30) as response:
        return response.read()

seen = {}
for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    with https_server(family, host) as server:
        url = f"https://{'localhost' if family == socket.AF_INET else '[::1]'}:{server.server_port}/"
        bodies = [bytes([n]) * 200_000 + b"end" for n in range(6)]
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda body: fetch(url, body), bodies))
        seen[host] = [answer == body[::-1] for answer, body in zip(answers, bodies)]
        server.shutdown()
try:
    fetch(url, b"nobody is there")
except OSError as error:
    seen["afterwards"] = type(error.reason).__name__
json.dumps(seen)`);
    expect(JSON.parse(seen as string)).toEqual({
      "127.0.0.1": Array(6).fill(true),
      "::1": Array(6).fill(true),
      afterwards: "ConnectionRefusedError",
    });
  });

  test("addresses beyond the page can't be listened on, and datagrams stay in it; both say so", async () => {
    await using python = await harness().startPython();
    const seen = await python.run(`
import json, socket
def said(call, *args):
    try:
        return call(*args)
    except OSError as error:
        return str(error)
datagrams = socket.socket(type=socket.SOCK_DGRAM)
json.dumps([said(socket.create_server, ("192.0.2.1", 0)), said(datagrams.sendto, b"x", ("192.0.2.1", 53))])`);
    expect(JSON.parse(seen as string)).toEqual([
      expect.stringContaining("loopback addresses only"),
      expect.stringContaining("between sockets of the same Python only"),
    ]);
  });
});
