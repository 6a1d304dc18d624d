import { readFileSync } from "node:fs";
import type { PyodideAPI } from "pyodide";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testPki } from "../e2e/peers/certs.ts";
import { install } from "./install.ts";
import { type InstalledPython, installedPython } from "./installed.fixture.ts";

/** What a program may have imported and made before the installation. */
const BEFORE = `
import asyncio.selector_events, ftplib, http.client, imaplib, poplib, smtplib, socketserver, urllib.request
import requests, urllib3
import sys, types, weakref
import ssl, socket, select, selectors, _ssl, _socket
from ssl import CERT_REQUIRED, OPENSSL_VERSION, SSLContext, SSLError
from socket import AF_INET, socket as socket_class
from _socket import inet_aton

class Holder:
    exceptions = (ssl.SSLWantReadError, OSError)
    cls = ssl.SSLContext
    nested = ((ssl.SSLError, 1), 2)
    def defaults(self, first=ssl.SSLContext, *, second=ssl.SSLObject):
        return first, second

class Mixin:
    pass

class Derived(Mixin, ssl.SSLObject):
    pass

class Further(Derived):
    pass

def closure():
    captured = ssl.SSLObject
    return lambda: captured
closure = closure()
holder = Holder()
holder.attribute = ssl.SSLSocket
in_list, in_set, in_dict = [ssl.SSLError], {ssl.SSLError}, {ssl.SSLError: ssl.SSLContext}

old_objects = {}
for module in ("socket", "selectors", "_ssl", "ssl"):
    for name, value in vars(sys.modules[module]).items():
        if isinstance(value, (type, types.FunctionType)) and value.__module__ in ("socket", "selectors", "_ssl", "ssl"):
            old_objects[module, name] = weakref.ref(value)
del module, name, value
`;

const TEST_CA = readFileSync((await testPki()).ca, "utf8");

let python: InstalledPython;
beforeAll(async () => {
  python = await installedPython({}, BEFORE);
});
afterAll(() => python[Symbol.dispose]());

/** The value of an expression over the names of {@link BEFORE}, as data. */
function value(expression: string): unknown {
  return JSON.parse(python.pyodide.runPython(`import json; json.dumps(${expression})`) as string);
}

describe("install()", () => {
  it("puts CPython's own ssl.py over OpenSSL", () => {
    expect(value("ssl.OPENSSL_VERSION")).toMatch(/^OpenSSL 3\.5\.\d+ /);
    expect(value("ssl.SSLContext.__mro__[1].__module__")).toBe("_ssl");
    expect(value("[cls.__module__ for cls in ssl.SSLSocket.__mro__]")).toEqual([
      "ssl",
      "socket",
      "_socket",
      "builtins",
    ]);
  });

  it("repairs names that were copied before", () => {
    expect(value("SSLContext is ssl.SSLContext and SSLError is ssl.SSLError")).toBe(true);
    expect(value("CERT_REQUIRED is ssl.CERT_REQUIRED and AF_INET is socket.AF_INET")).toBe(true);
    expect(value("OPENSSL_VERSION == ssl.OPENSSL_VERSION")).toBe(true);
    expect(value("socket_class is socket.socket and inet_aton is socket.inet_aton")).toBe(true);
  });

  it("repairs class attributes, tuples in tuples, defaults, closures, instances and containers", () => {
    expect(
      value("Holder.exceptions == (ssl.SSLWantReadError, OSError) and Holder.cls is ssl.SSLContext"),
    ).toBe(true);
    expect(value("Holder.nested == ((ssl.SSLError, 1), 2)")).toBe(true);
    expect(value("holder.defaults() == (ssl.SSLContext, ssl.SSLObject)")).toBe(true);
    expect(value("closure() is ssl.SSLObject and holder.attribute is ssl.SSLSocket")).toBe(true);
    expect(value("in_list == [ssl.SSLError] and in_set == {ssl.SSLError}")).toBe(true);
    expect(value("in_dict == {ssl.SSLError: ssl.SSLContext}")).toBe(true);
    expect(value("asyncio.sslproto.SSLAgainErrors == (ssl.SSLWantReadError, ssl.SSLSyscallError)")).toBe(
      true,
    );
  });

  it("repairs the bases of a program's classes, the second ones too", () => {
    expect(value("Derived.__bases__ == (Mixin, ssl.SSLObject) and ssl.SSLObject in Further.__mro__")).toBe(
      true,
    );
  });

  it("leaves nobody with a reference to an object of the stubs: all are collected", () => {
    python.pyodide.runPython("import gc; gc.collect(); gc.collect()");
    const left = value(
      "[key for key, ref in old_objects.items() if ref() is not None and ref() is not getattr(sys.modules[key[0]], key[1], None)]",
    );
    expect(left).toEqual([]);
  });

  it("keeps the object that means that no timeout was given", () => {
    expect(
      value("http.client.HTTPConnection.__init__.__defaults__[1] is socket._GLOBAL_DEFAULT_TIMEOUT"),
    ).toBe(true);
    expect(value("socket.create_connection.__defaults__[0] is socket._GLOBAL_DEFAULT_TIMEOUT")).toBe(true);
  });

  it("gives urllib3 that was imported before its own connection classes back", () => {
    const classes =
      "urllib3.connectionpool.HTTPSConnectionPool.ConnectionCls, urllib3.connection.HTTPSConnection";
    expect(value(`[cls.__module__ for cls in (${classes})]`)).toEqual([
      "urllib3.connection",
      "urllib3.connection",
    ]);
    expect(value("urllib3.util.ssl_.SSLContext is ssl.SSLContext")).toBe(true);
  });

  it("is found by who reloads a module or imports it afresh", () => {
    const fresh = python.pyodide.runPython(`
import importlib, sys
kept = sys.modules.pop("ssl")
try:
    fresh = importlib.import_module("ssl")
finally:
    sys.modules["ssl"] = kept
fresh.OPENSSL_VERSION == ssl.OPENSSL_VERSION and fresh is not ssl
`) as unknown;
    expect(fresh).toBe(true);
  });

  it("shows the source of ssl.py in tracebacks", () => {
    const text = python.pyodide.runPython(`
import traceback
try:
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_bio(1, 2, server_hostname="x")
except TypeError:
    text = traceback.format_exc()
text
`) as string;
    expect(text).toContain("sslobj = context._wrap_bio(");
  });

  it("trusts Mozilla's roots by default, where Debian's certifi looks too", () => {
    expect(value("ssl.create_default_context().cert_store_stats()['x509_ca']")).toBeGreaterThan(100);
    expect(value("ssl.get_default_verify_paths().cafile")).toBe("/etc/ssl/cert.pem");
    expect(
      value("open('/etc/ssl/certs/ca-certificates.crt').read() == open('/etc/ssl/cert.pem').read()"),
    ).toBe(true);
  });

  it("answers the same installation to the same options, and refuses others", async () => {
    expect(await install(python.pyodide)).toBe(python.installation);
    await expect(install(python.pyodide, { gateway: "ws://127.0.0.1:1" })).rejects.toThrowError(
      /installed in this Pyodide already/,
    );
  });

  it("says which Pyodide it needs, on another", async () => {
    const other = { version: "0.29.0" } as PyodideAPI;
    await expect(install(other)).rejects.toThrowError(/needs Pyodide 314\.0\.x .*this one is 0\.29\.0/);
  });

  it("names the asset that can't be loaded, and what to do", async () => {
    const other = { version: "314.0.7" } as PyodideAPI;
    await expect(install(other, { assetsUrl: "file:///nowhere" })).rejects.toThrowError(
      /could not load file:\/\/\/nowhere\/.*assetsUrl/,
    );
  });
});

describe("install() without a way to the network", () => {
  let offline: InstalledPython;
  beforeAll(async () => {
    offline = await installedPython({ transport: null });
  });
  afterAll(() => offline[Symbol.dispose]());

  it("leaves urllib3 its fetch", async () => {
    const module = await offline.run(
      "import urllib3\nurllib3.connectionpool.HTTPSConnectionPool.ConnectionCls.__module__",
    );
    expect(module).toBe("urllib3.contrib.emscripten.connection");
  });

  it("fails every connect with an error that says what to do", async () => {
    const seen = await offline.run(`
import errno, socket
try:
    socket.create_connection(("192.0.2.1", 443), 5)
except OSError as error:
    seen = [errno.errorcode[error.errno], str(error)]
seen
`);
    expect(seen).toEqual(["ENETUNREACH", expect.stringMatching(/No gateway is configured.*createPython/)]);
  });

  it("has TLS in memory", async () => {
    const seen = await offline.run(`
import ssl
incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
client = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
try:
    client.do_handshake()
except ssl.SSLWantReadError:
    pass
outgoing.read()[:3].hex()
`);
    expect(seen).toBe("160301");
  });

  it("gives urllib3 that is imported after it its own classes when there are sockets", async () => {
    using online = await installedPython();
    const classes = await online.run(`
import sys, urllib3, urllib3.connection
[urllib3.connectionpool.HTTPSConnectionPool.ConnectionCls.__module__, urllib3.connection.HTTPSConnection.__module__,
 "urllib3.contrib.emscripten.fetch" in sys.modules]
`);
    expect(classes).toEqual(["urllib3.connection", "urllib3.connection", false]);
  });
});

describe("close()", () => {
  it("ends TLS without a complaint from objects that Python lets go of afterwards", async () => {
    const python = await installedPython({ transport: null });
    python.pyodide.runPython(`
import ssl, sys
context, bio = ssl.create_default_context(), ssl.MemoryBIO()
complaints = []
sys.unraisablehook = complaints.append
`);
    python.installation.close();
    python.installation.close();
    const complaints = python.pyodide.runPython(
      "del context, bio; import gc; gc.collect(); len(complaints)",
    ) as number;
    expect(complaints).toBe(0);
  });
});

describe("the bundle of certificate authorities", () => {
  it("holds Mozilla's roots and those given, for OpenSSL and for requests", async () => {
    using python = await installedPython({ ca: TEST_CA });
    const seen = await python.run(`
import os, ssl
files = [os.environ["SSL_CERT_FILE"], os.environ["REQUESTS_CA_BUNDLE"], ssl.get_default_verify_paths().cafile]
names = {str(info["subject"]) for info in ssl.create_default_context().get_ca_certs()}
[len(set(files)), "pyodide-ssl tests" in " ".join(names), len(names) > 100]
`);
    expect(seen).toEqual([1, true, true]);
  });
});
