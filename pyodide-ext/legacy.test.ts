/** `pyodide_ssl.legacy` against the manual page of Python 3.8: every name is there, and the dropped ones do what they did. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testPki } from "../e2e/peers/certs.ts";
import type { Peer } from "../e2e/peers/child.ts";
import { startSServer } from "../e2e/peers/s-server.ts";
import { ROOT } from "../vendor/cache.ts";
import { type InstalledPython, installedPython } from "./installed.fixture.ts";

type Entry = readonly [name: string, kind: string, availability?: string];

/** What the chapter "Functions, Constants, and Exceptions" describes, by section and in its order. */
const documented = JSON.parse(
  readFileSync(new URL("legacy-names.json", import.meta.url), "utf8"),
) as Readonly<Record<string, readonly Entry[]>>;
const entries = Object.values(documented).flat();

/** The folder of the page's text, which lies beside some checkouts. Its names are stripped; marks and signatures are there. */
const PAGE_FOLDER = join(ROOT, "..", "shared", "seed");
const pageFile = existsSync(PAGE_FOLDER) ? globSync(join(PAGE_FOLDER, "*.txt"))[0] : undefined;

/** The page's headings: a section's title, or the kind and the signature of what is described. */
function headings(): string[] {
  return readFileSync(pageFile as string, "utf8")
    .split("\n")
    .filter((line) => line.endsWith("¶"))
    .map((line) => line.slice(0, -1).trim());
}

/** What a heading without its name says of an entry. */
const MARKS: Readonly<Record<string, (heading: string) => boolean>> = {
  function: (heading) => heading.startsWith("("),
  exception: (heading) => heading === "exception",
  class: (heading) => heading === "class",
  attribute: (heading) => heading === "",
  constant: (heading) => heading === "",
};

let python: InstalledPython;
let server: Peer;
beforeAll(async () => {
  python = await installedPython();
  const pki = await testPki();
  server = await startSServer({ leaf: pki.leaf("good"), mode: "rev" });
});
afterAll(async () => {
  python[Symbol.dispose]();
  await server?.stop();
});

/** The calls of a test, with what they warned of: text, class, and whether the caller's line was named. */
const TOOLS = `
import os, socket, ssl, warnings

def warned(call, *args, **kwargs):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            value = call(*args, **kwargs)
        except Exception as error:
            value = [type(error).__name__, *error.args]
    return value, [[str(w.message), w.category.__name__, w.filename == "<test>" or "warned" in w.filename] for w in seen]

def quiet(call, *args, **kwargs):
    return warned(call, *args, **kwargs)[0]
`;

const IMPORTED = `${TOOLS}
import pyodide_ssl.legacy
`;

describe("without the import", () => {
  it("nothing is put back, whatever else of the package is imported", async () => {
    const seen = await python.run(`${TOOLS}
import pyodide_ssl, pyodide_ssl._activate, pyodide_ssl._urllib3, sys
["pyodide_ssl.legacy" in sys.modules, *(hasattr(ssl, name) for name in
 ("wrap_socket", "match_hostname", "RAND_pseudo_bytes", "RAND_egd", "PROTOCOL_SSLv2", "PROTOCOL_SSLv3", "__getattr__"))]`);
    expect(seen).toEqual([false, ...Array<boolean>(7).fill(false)]);
  });
});

describe("the names of Python 3.8's page", () => {
  it.skipIf(pageFile === undefined)("are those of the list, in the page's order and of its kinds", () => {
    const [title, creation, ...rest] = headings();
    expect([title, creation]).toEqual(["Functions, Constants, and Exceptions", "Socket creation"]);
    const expected = Object.entries(documented).flatMap(([section, list]) => [section, ...list]);
    expect(rest).toHaveLength(expected.length);
    const mistaken = expected.filter((entry, index) => {
      const heading = rest[index] ?? "";
      return typeof entry === "string" ? heading !== entry : MARKS[entry[1]]?.(heading) !== true;
    });
    expect(mistaken).toEqual([]);
  });

  it("all exist after the import, each of its kind", async () => {
    const seen = (await python.run(`${IMPORTED}
import inspect, json, operator
def kind(name):
    if name.startswith("SSLCertVerificationError.") or name.startswith("SSLError."):
        owner, attribute = name.split(".")
        # The attributes are those of errors that OpenSSL reported, so one is made.
        context = ssl.create_default_context(cafile="/pki/other-root.pem")
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain("/pki/good.bundle.pem")
        a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
        ends = [context.wrap_bio(a, b, server_hostname="localhost"), server.wrap_bio(b, a, server_side=True)]
        try:
            for end in ends * 4:
                try:
                    end.do_handshake()
                except ssl.SSLWantReadError:
                    pass
        except getattr(ssl, owner) as error:
            return "attribute" if hasattr(error, attribute) else "absent"
    try:
        with warnings.catch_warnings(action="ignore"):
            value = operator.attrgetter(name)(ssl)
    except AttributeError:
        return "absent"
    if inspect.isclass(value):
        return "exception" if issubclass(value, BaseException) else "class"
    return "function" if inspect.isroutine(value) else "constant"
{name: kind(name) for name in json.loads(${JSON.stringify(JSON.stringify(entries.map(([name]) => name)))})}`)) as Record<
      string,
      string
    >;
    const expected = entries.map(([name, kind, availability]) => [
      name,
      availability === "Windows" ? "absent" : kind,
    ]);
    expect(seen).toEqual(Object.fromEntries(expected));
  });

  it.skipIf(pageFile === undefined)("take the parameters that the page gives them", async () => {
    const signatures = headings().filter((heading) => heading.startsWith("("));
    const functions = entries.filter(([, kind]) => kind === "function");
    expect(signatures).toHaveLength(functions.length);
    const wanted = functions
      .map(([name, , availability], index) => [name, signatures[index], availability] as const)
      .filter(([, , availability]) => availability === undefined);
    // `RAND_add` and others that are C's take their parameters by position, so the number is what a call sees.
    const seen = await python.run(`${IMPORTED}
import inspect, json
def differs(name, wanted):
    found = inspect.signature(getattr(ssl, name))
    exec(f"def expected{wanted}: pass", scope := dict(vars(ssl)))
    theirs = list(inspect.signature(scope["expected"]).parameters.values())
    ours = list(found.parameters.values())[:len(theirs)]
    if len(ours) != len(theirs) or any(a.default != b.default for a, b in zip(ours, theirs)):
        return True
    return any(a.name.lower() != b.name.lower() for a, b in zip(ours, theirs) if a.kind is not a.POSITIONAL_ONLY)
[name for name, wanted in json.loads(${JSON.stringify(JSON.stringify(wanted.map(([name, text]) => [name, text])))}) if differs(name, wanted)]`);
    // Since 3.10 its default is PROTOCOL_TLS_CLIENT, which means the same to a client without verification.
    expect(seen).toEqual(["get_server_certificate"]);
  });

  it("that OpenSSL can't serve say so as in a build of 3.8 without them", async () => {
    const seen = await python.run(`${IMPORTED}
context = ssl.create_default_context()
[ssl.HAS_NPN, ssl.HAS_SSLv2, ssl.HAS_SSLv3,
 [warned(lambda name=name: repr(getattr(ssl, name))) for name in ("PROTOCOL_SSLv2", "PROTOCOL_SSLv3")],
 [quiet(ssl.SSLContext, quiet(getattr, ssl, name)) for name in ("PROTOCOL_SSLv2", "PROTOCOL_SSLv3")],
 warned(context.set_npn_protocols, ["http/1.1"]), quiet(context.set_npn_protocols, [""]),
 quiet(ssl.RAND_egd, "/nowhere"), quiet(ssl.RAND_egd, 5)[0], warned(ssl.RAND_egd, b"/nowhere")[1],
 ssl.get_protocol_name(1), quiet(getattr, ssl, "no_such_name")]`);
    const refused = (protocol: number): string[] => [
      "ValueError",
      `invalid or unsupported protocol version ${protocol}`,
    ];
    expect(seen).toEqual([
      false,
      false,
      false,
      [
        [
          "<_SSLMethod.PROTOCOL_SSLv2: 0>",
          [["ssl.PROTOCOL_SSLv2 is deprecated", "DeprecationWarning", true]],
        ],
        [
          "<_SSLMethod.PROTOCOL_SSLv3: 1>",
          [["ssl.PROTOCOL_SSLv3 is deprecated", "DeprecationWarning", true]],
        ],
      ],
      [refused(0), refused(1)],
      [
        ["NotImplementedError", "The NPN extension requires OpenSSL 1.0.1 or later."],
        [["ssl NPN is deprecated, use ALPN instead", "DeprecationWarning", true]],
      ],
      ["SSLError", "NPN protocols must be 1 to 255 in length"],
      ["SSLError", "EGD connection failed or EGD did not return enough data to seed the PRNG"],
      "TypeError",
      [["ssl.RAND_egd() is deprecated, the generator seeds itself", "DeprecationWarning", true]],
      "PROTOCOL_SSLv3",
      ["AttributeError", "module 'ssl' has no attribute 'no_such_name'"],
    ]);
  });
});

describe("RAND_pseudo_bytes", () => {
  it("returns bytes and that they are good, with a warning", async () => {
    const seen = await python.run(`${IMPORTED}
(data, strong), warnings_ = warned(ssl.RAND_pseudo_bytes, 16)
[len(data), strong, warnings_, data != quiet(ssl.RAND_pseudo_bytes, 16)[0], quiet(ssl.RAND_pseudo_bytes, -5)]`);
    expect(seen).toEqual([
      16,
      true,
      [["ssl.RAND_pseudo_bytes() is deprecated, use ssl.RAND_bytes()", "DeprecationWarning", true]],
      true,
      ["ValueError", "num must be positive"],
    ]);
  });
});

describe("match_hostname", () => {
  const match = async (cert: string, ...hostnames: string[]): Promise<unknown> =>
    python.run(`${IMPORTED}
def outcome(hostname):
    result = quiet(ssl.match_hostname, ${cert}, hostname)
    return "matches" if result is None else result
[outcome(hostname) for hostname in ${JSON.stringify(hostnames)}]`);
  const names = (...dns: string[]): string =>
    `{"subject": ((("commonName", "cn.test"),),), "subjectAltName": (${dns.map((name) => `("DNS", ${JSON.stringify(name)}),`).join(" ")})}`;
  const refused = (text: string): string[] => ["SSLCertVerificationError", text];

  it("compares whole names without regard to case, and looks at common names only without alternative ones", async () => {
    expect(
      await match(names("Example.COM"), "example.com", "EXAMPLE.com", "www.example.com", "cn.test"),
    ).toEqual([
      "matches",
      "matches",
      refused("hostname 'www.example.com' doesn't match 'Example.COM'"),
      refused("hostname 'cn.test' doesn't match 'Example.COM'"),
    ]);
    expect(await match(names(), "cn.test", "other.test")).toEqual([
      "matches",
      refused("hostname 'other.test' doesn't match 'cn.test'"),
    ]);
    expect(await match(names("a.test", "b.test"), "b.test", "c.test")).toEqual([
      "matches",
      refused("hostname 'c.test' doesn't match either of 'a.test', 'b.test'"),
    ]);
    expect(await match('{"subject": ((("organizationName", "x"),),)}', "x")).toEqual([
      refused("no appropriate commonName or subjectAltName fields were found"),
    ]);
  });

  it("takes a wildcard for one whole leftmost label", async () => {
    expect(
      await match(
        names("*.a.test"),
        "x.a.test",
        "X.A.TEST",
        "a.test",
        ".a.test",
        "y.x.a.test",
        "xn--tda.a.test",
      ),
    ).toEqual([
      "matches",
      "matches",
      refused("hostname 'a.test' doesn't match '*.a.test'"),
      refused("hostname '.a.test' doesn't match '*.a.test'"),
      refused("hostname 'y.x.a.test' doesn't match '*.a.test'"),
      "matches",
    ]);
  });

  it.each([
    ["w*.a.test", "partial wildcards in leftmost label are not supported: 'w*.a.test'."],
    ["xn--*.a.test", "partial wildcards in leftmost label are not supported: 'xn--*.a.test'."],
    ["*.*.test", "too many wildcards in certificate DNS name: '*.*.test'."],
    ["a.*.test", "wildcard can only be present in the leftmost label: 'a.*.test'."],
    ["*", "sole wildcard without additional labels are not support: '*'."],
  ])("refuses the pattern %s", async (pattern, text) => {
    expect(await match(names(pattern), "www.a.test")).toEqual([refused(text)]);
  });

  it("compares addresses with addresses only, and by value", async () => {
    const cert = `{"subjectAltName": (("DNS", "127.0.0.2"), ("IP Address", "127.0.0.1"), ("IP Address", "2001:DB8:0:0:0:0:0:1\\n"))}`;
    expect(await match(cert, "127.0.0.1", "2001:db8::1", "127.0.0.2", "127.1")).toEqual([
      "matches",
      "matches",
      refused(
        "hostname '127.0.0.2' doesn't match either of '127.0.0.2', '127.0.0.1', '2001:DB8:0:0:0:0:0:1\\n'",
      ),
      refused("hostname '127.1' doesn't match either of '127.0.0.2', '127.0.0.1', '2001:DB8:0:0:0:0:0:1\\n'"),
    ]);
  });

  it("falls back to a common name for an address without alternative names, as 3.8 does", async () => {
    const cert = '{"subject": ((("commonName", "192.0.2.1"),),), "subjectAltName": (("email", "a@b.test"),)}';
    expect(await match(cert, "192.0.2.1", "192.0.2.2")).toEqual([
      "matches",
      refused("hostname '192.0.2.2' doesn't match '192.0.2.1'"),
    ]);
  });

  it("needs a certificate, and warns the caller", async () => {
    const seen = await python.run(`${IMPORTED}
[quiet(ssl.match_hostname, {}, "a.test")[0], quiet(ssl.match_hostname, None, "a.test")[1][:23],
 warned(ssl.match_hostname, {"subjectAltName": (("DNS", "a.test"),)}, "a.test"), ssl.CertificateError is ssl.SSLCertVerificationError]`);
    expect(seen).toEqual([
      "ValueError",
      "empty or no certificate",
      [null, [["ssl.match_hostname() is deprecated", "DeprecationWarning", true]]],
      true,
    ]);
  });
});

describe("wrap_socket", () => {
  const connect = (
    parameters: string,
    use = "[tls.version(), tls.getpeercert(), tls.server_hostname]",
  ): string =>
    `${IMPORTED}
def attempt():
    with socket.create_connection(("127.0.0.1", ${server.port}), 20) as plain, ssl.wrap_socket(plain${parameters}) as tls:
        return ${use}
`;

  it("accepts any certificate unless told otherwise, sends no name, and warns the caller once", async () => {
    const seen = await python.run(`${connect("")}
warned(attempt)`);
    const text = "ssl.wrap_socket() is deprecated, use SSLContext.wrap_socket()";
    expect(seen).toEqual([["TLSv1.3", {}, null], [[text, "DeprecationWarning", true]]]);
  });

  it("verifies when it is asked to, without a look at the host's name", async () => {
    const trusting = `, cert_reqs=ssl.CERT_REQUIRED, ca_certs="/pki/root.pem"`;
    const seen = await python.run(`${connect(trusting, "tls.getpeercert()['subject'][-1][0][1]")}
quiet(attempt)`);
    expect(seen).toBe("localhost");
    const distrusting = `, cert_reqs=ssl.CERT_REQUIRED, ca_certs="/pki/other-root.pem"`;
    expect(
      await python.run(`${connect(distrusting)}
quiet(attempt)[0]`),
    ).toBe("SSLCertVerificationError");
    expect(
      await python.run(`${connect(", cert_reqs=ssl.CERT_REQUIRED")}
quiet(attempt)[0]`),
    ).toBe("SSLCertVerificationError");
  });

  it("takes ciphers and versions, and exchanges bytes", async () => {
    const parameters = `, ssl_version=ssl.PROTOCOL_TLSv1_2, ciphers="ECDHE-RSA-AES128-GCM-SHA256"`;
    const use = '(tls.write(b"olleh\\n"), tls.version(), tls.cipher()[0], tls.read(6).decode())';
    expect(
      await python.run(`${connect(parameters, use)}
quiet(attempt)`),
    ).toEqual([6, "TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", "hello\n"]);
    expect(
      await python.run(`${connect(', ciphers="NO-SUCH-CIPHER"')}
quiet(attempt)`),
    ).toEqual(["SSLError", "No cipher can be selected."]);
  });

  it.each(["PROTOCOL_TLS", "PROTOCOL_SSLv23", "PROTOCOL_TLSv1", "PROTOCOL_TLSv1_1", "PROTOCOL_TLSv1_2"])(
    "is both ends of a connection of %s",
    async (protocol) => {
      const seen = await python.run(`${IMPORTED}
import select
a, b = socket.socketpair()
client = quiet(ssl.wrap_socket, a, ssl_version=ssl.${protocol}, do_handshake_on_connect=False)
server = quiet(ssl.wrap_socket, b, None, "/pki/good.bundle.pem", True, ssl_version=ssl.${protocol}, do_handshake_on_connect=False)
waiting = [client, server]
for end in waiting:
    end.setblocking(False)
while waiting:
    for end in list(waiting):
        try:
            end.do_handshake()
            waiting.remove(end)
        except ssl.SSLWantReadError:
            pass
for end in (client, server):
    end.setblocking(True)
client.sendall(b"ping")
seen = [server.recv(10).decode(), server.version(), client.context.protocol.name, server.server_side]
client.close(), server.close()
seen`);
      const version = { PROTOCOL_TLSv1: "TLSv1", PROTOCOL_TLSv1_1: "TLSv1.1", PROTOCOL_TLSv1_2: "TLSv1.2" }[
        protocol
      ];
      const name = protocol === "PROTOCOL_SSLv23" ? "PROTOCOL_TLS" : protocol;
      expect(seen).toEqual(["ping", version ?? "TLSv1.3", name, true]);
    },
  );

  it("refuses what 3.8 refuses", async () => {
    const seen = await python.run(`${IMPORTED}
sock = socket.socket()
seen = [quiet(ssl.wrap_socket, sock, server_side=True), quiet(ssl.wrap_socket, sock, server_side=True, certfile=""),
        quiet(ssl.wrap_socket, sock, keyfile="/pki/good.key"), quiet(ssl.wrap_socket, sock, certfile="/nowhere")[0],
        quiet(ssl.wrap_socket, sock, ssl_version=ssl.PROTOCOL_TLS_CLIENT),
        quiet(ssl.wrap_socket, sock, ssl_version=1)[0], quiet(ssl.wrap_socket)[0]]
sock.close()
seen`);
    expect(seen).toEqual([
      ["ValueError", "certfile must be specified for server-side operations"],
      ["ValueError", "certfile must be specified for server-side operations"],
      ["ValueError", "certfile must be specified"],
      "FileNotFoundError",
      ["ValueError", "Cannot set verify_mode to CERT_NONE when check_hostname is enabled."],
      "ValueError",
      "TypeError",
    ]);
  });

  it("wraps a socket before it connects", async () => {
    const seen = await python.run(`${IMPORTED}
tls = quiet(ssl.wrap_socket, socket.socket())
tls.settimeout(20)
tls.connect(("127.0.0.1", ${server.port}))
version = tls.version()
tls.close()
version`);
    expect(seen).toBe("TLSv1.3");
  });
});

describe("get_server_certificate", () => {
  it("is called as in 3.8", async () => {
    const seen = await python.run(`${IMPORTED}
import re
address = ("127.0.0.1", ${server.port})
with open("/pki/good.pem") as file:
    good = re.search("-----BEGIN.*-----END CERTIFICATE-----", file.read(), re.S)[0]
[quiet(ssl.get_server_certificate, address).strip() == good,
 quiet(ssl.get_server_certificate, address, ssl.PROTOCOL_TLS, "/pki/root.pem").strip() == good,
 quiet(ssl.get_server_certificate, address, ssl.PROTOCOL_SSLv23, ca_certs="/pki/other-root.pem")[0]]`);
    expect(seen).toEqual([true, true, "SSLCertVerificationError"]);
  });
});
