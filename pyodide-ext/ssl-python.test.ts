/** `_ssl` in Python: life of its objects, callbacks, connections over BIOs and over a socket pair. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type InstalledPython, installedPython } from "./installed.fixture.ts";

/** Two contexts that trust each other, and how to join two ends in memory. */
const TOOLS = `
import gc, ssl, sys, weakref

def contexts():
    client = ssl.create_default_context(cafile="/pki/root.pem")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain("/pki/good.bundle.pem")
    return client, server

class Pair:
    def __init__(self, client, server, hostname="localhost"):
        a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = client.wrap_bio(a, b, server_hostname=hostname)
        self.server = server.wrap_bio(b, a, server_side=True)

    def shake_hands(self):
        done = set()
        for _ in range(10):
            for end in (self.client, self.server):
                try:
                    end.do_handshake()
                    done.add(end)
                except ssl.SSLWantReadError:
                    pass
            if len(done) == 2:
                return self
        raise AssertionError("the handshake does not end")

def raised(call, *args):
    try:
        call(*args)
    except Exception as error:
        return [type(error).__name__, str(error)]

class Unraisable:
    def __enter__(self):
        self.seen = []
        self.hook, sys.unraisablehook = sys.unraisablehook, lambda u: self.seen.append((u.exc_type.__name__, str(u.exc_value), u.object))
        return self

    def __exit__(self, *exc):
        sys.unraisablehook = self.hook
`;

let python: InstalledPython;
let baseline: unknown;
beforeAll(async () => {
  python = await installedPython();
  await run("1");
  baseline = handles();
});
afterEach(() => {
  expect(handles(), "what a test left behind").toEqual(baseline);
});
afterAll(() => python[Symbol.dispose]());

function run(code: string): Promise<unknown> {
  return python.run(TOOLS + code);
}

function handles(): unknown {
  const { contexts, connections, bios, sessions, certificates, handles, sockets, waits } =
    python.installation.liveCounts();
  return { contexts, connections, bios, sessions, certificates, handles, sockets, waits };
}

describe("objects of _ssl", () => {
  it("carry data both ways between two ends in memory", async () => {
    const seen = await run(`
pair = Pair(*contexts()).shake_hands()
pair.client.write(b"x" * 300_000)
received = 0
while received < 300_000:
    received += len(pair.server.read(65536))
pair.server.write(memoryview(b"answer")[1:])
buffer = bytearray(10)
[received, pair.client.read(100, buffer), buffer.hex(), pair.client.version(), pair.server.getpeercert()]
`);
    expect(seen).toEqual([300_000, 5, "6e737765720000000000", "TLSv1.3", null]);
  });

  it("describe a verified peer, and hand out its chain", async () => {
    const seen = await run(`
pair = Pair(*contexts()).shake_hands()
chain = pair.client._sslobj.get_verified_chain()
der = pair.client.getpeercert(True)
[pair.client.getpeercert()["subject"][-1][0], len(chain), chain[0].public_bytes(ssl._ssl.ENCODING_DER) == der,
 ssl.DER_cert_to_PEM_cert(der).strip() == chain[0].public_bytes().strip(), repr(chain[0]), chain[0] == chain[0], chain[0] != chain[1],
 hash(chain[0]) == hash(pair.client._sslobj.get_unverified_chain()[0])]
`);
    expect(seen).toEqual([
      ["commonName", "localhost"],
      3,
      true,
      true,
      expect.stringMatching(/^<_ssl\.Certificate 'CN=localhost,O=pyodide-ssl tests,/),
      true,
      true,
      true,
    ]);
  });

  it("are freed without the garbage collector, with their handles", async () => {
    const seen = await run(`
gc.disable()
try:
    pair = Pair(*contexts()).shake_hands()
    session = pair.client.session
    gone = [weakref.ref(pair.client), weakref.ref(pair.client.context)]
    del pair, session
    alive = [ref() is not None for ref in gone]
finally:
    gc.enable()
alive
`);
    expect(seen).toEqual([false, false]);
    expect(handles()).toEqual(baseline);
  });

  it("leave no cycle behind when they raise", async () => {
    const seen = await run(`
gc.collect()
gc.disable()
try:
    client, server = contexts()
    strict = ssl.create_default_context()
    pair = Pair(strict, server)
    raised(pair.shake_hands)
    raised(strict.load_cert_chain, "/pki/good.chain.pem", "/pki/good.encrypted.key", lambda: 1 / 0)
    gone = weakref.ref(strict)
    del pair, strict
    alive = gone() is not None
finally:
    gc.enable()
alive
`);
    expect(seen).toBe(false);
  });

  it("are collected although a callback refers to its own context", async () => {
    const seen = await run(`
client, server = contexts()
server.sni_callback = lambda sock, name, context, again=server: None
Pair(client, server).shake_hands()
gone = weakref.ref(server)
del server, client
gc.collect()
gone() is not None
`);
    expect(seen).toBe(false);
  });
});

describe("callbacks", () => {
  it("give a key's password as str, bytes, bytearray or by a call, and raise what that raises", async () => {
    const load = `ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain("/pki/good.chain.pem", "/pki/good.encrypted.key", password=`;
    const seen = await run(`
right = "correct horse battery staple"
for password in (right, right.encode(), bytearray(right.encode()), lambda: right, lambda: right.encode()):
    ${load}password)
class Refusal(Exception):
    pass
def refuse():
    raise Refusal("no")
[raised(lambda p=p: ${load}p)) for p in (refuse, lambda: 3, 3, "x" * 2000, "wrong", lambda: "x" * 2000)]
`);
    expect(seen).toEqual([
      ["Refusal", "no"],
      ["TypeError", "password callback must return a string"],
      ["TypeError", "password should be a string or callable"],
      ["ValueError", "password cannot be longer than 1024 bytes"],
      ["SSLError", expect.stringMatching(/bad decrypt|BAD_DECRYPT|PEM lib/)],
      ["ValueError", "password cannot be longer than 1024 bytes"],
    ]);
  });

  it("choose a certificate by name, for the Python object that wraps the connection", async () => {
    const seen = await run(`
client, server = contexts()
other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
other.load_cert_chain("/pki/sni-one.bundle.pem")
calls = []
def choose(connection, name, context):
    calls.append([connection is pair.server, name, context is server])
    connection.context = other
server.sni_callback = choose
pair = Pair(client, server, "one.example.test")
pair.shake_hands()
[calls, pair.client.getpeercert()["subjectAltName"], pair.server.context is other]
`);
    expect(seen).toEqual([
      [[true, "one.example.test", true]],
      expect.arrayContaining([["DNS", "one.example.test"]]),
      true,
    ]);
  });

  it("end the handshake with an alert, or with the unraisable hook told of an exception", async () => {
    const seen = await run(`
client, server = contexts()
answers = []
for callback in (lambda *_: ssl.ALERT_DESCRIPTION_ACCESS_DENIED, lambda *_: 1 / 0, lambda *_: "text"):
    server.sni_callback = callback
    with Unraisable() as hook:
        pair = Pair(client, server)
        raised(pair.shake_hands)
        answers.append([raised(pair.client.do_handshake)[1].split("]")[0], [seen[:2] for seen in hook.seen]])
answers
`);
    expect(seen).toEqual([
      ["[SSL: TLSV1_ALERT_ACCESS_DENIED", []],
      ["[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE", [["ZeroDivisionError", "division by zero"]]],
      [
        "[SSL: TLSV1_ALERT_INTERNAL_ERROR",
        [["TypeError", "'str' object cannot be interpreted as an integer"]],
      ],
    ]);
  });

  it("tell every message, and an exception comes out of the operation", async () => {
    const seen = await run(`
client, server = contexts()
messages = []
client._msg_callback = lambda conn, direction, version, content, kind, data: messages.append((direction, str(kind)))
Pair(client, server).shake_hands()
def fail(*args):
    raise RuntimeError("from the callback")
client._msg_callback = fail
pair = Pair(client, server)
[("write", "1") in messages or ("write", "_TLSMessageType.CLIENT_HELLO") in messages, len(messages) > 5, raised(pair.client.do_handshake)]
`);
    expect(seen).toMatchObject([true, true, expect.arrayContaining([expect.anything()])]);
  });

  it("agree on a pre-shared key instead of certificates", async () => {
    const seen = await run(`
client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
client.check_hostname = False
client.verify_mode = ssl.CERT_NONE
client.maximum_version = ssl.TLSVersion.TLSv1_2
client.set_ciphers("PSK")
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.maximum_version = ssl.TLSVersion.TLSv1_2
server.set_ciphers("PSK")
asked = []
client.set_psk_client_callback(lambda hint: asked.append(hint) or ("me", b"\\x01\\x02key"))
server.set_psk_server_callback(lambda identity: asked.append(identity) or b"\\x01\\x02key", "the hint")
pair = Pair(client, server).shake_hands()
asked_once = asked[:]
with Unraisable() as hook:
    server.set_psk_server_callback(lambda identity: 1 / 0)
    failed = raised(Pair(client, server).shake_hands)
[asked_once, "PSK" in pair.client.cipher()[0], bool(failed), [seen[0] for seen in hook.seen]]
`);
    expect(seen).toEqual([["the hint", "me"], true, true, ["ZeroDivisionError"]]);
  });
});

describe("connections over sockets", () => {
  it("give the plain text after the end of TLS back to the socket", async () => {
    const seen = await run(`
import asyncio, socket
a, b = socket.socketpair()
client, server = contexts()
a.setblocking(False)
b.setblocking(False)
ca = client.wrap_socket(a, server_hostname="localhost", do_handshake_on_connect=False)
sb = server.wrap_socket(b, server_side=True, do_handshake_on_connect=False)
def until(*calls):
    results = {}
    for _ in range(20):
        for index, call in enumerate(calls):
            if index in results:
                continue
            try:
                results[index] = call()
            except ssl.SSLWantReadError:
                pass
        if len(results) == len(calls):
            return [results[index] for index in range(len(calls))]
    raise AssertionError("does not end")
until(ca.do_handshake, sb.do_handshake)
sb.send(b"secret")
[text] = until(lambda: ca.recv(100))
# The server ends TLS and goes on in plain text at once: both arrive at the client in one piece.
raised(sb.unwrap)
plain_a, = until(ca.unwrap)
plain_b, = until(sb.unwrap)
plain_b.send(b"in the clear")
got = plain_a.recv(100)
for s in (plain_a, plain_b, ca, sb):
    s.close()
[text.decode(), got.decode()]
`);
    expect(seen).toEqual(["secret", "in the clear"]);
  });

  it("tell of a socket that was collected", async () => {
    const seen = await run(`
import socket
a, b = socket.socketpair()
client, _ = contexts()
tls = client.wrap_socket(a, server_hostname="localhost", do_handshake_on_connect=False)
inner = tls._sslobj
tls.close()
del tls, a
b.close()
error = raised(inner.do_handshake)
error
`);
    expect(seen).toEqual(["SSLError", "Underlying socket connection gone (_ssl.c:1061)"]);
  });
});
