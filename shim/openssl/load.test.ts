import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileOpenSsl } from "./index.ts";

const wasm = readFileSync(new URL("../../openssl/openssl.wasm", import.meta.url));
let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === "/missing") response.writeHead(404).end();
    else
      response
        .writeHead(200, { "content-type": request.url === "/typed" ? "application/wasm" : "text/plain" })
        .end(wasm);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

test.each(["/typed", "/untyped"])("compiles what a server sends for %s", async (path) => {
  const module = await compileOpenSsl(new URL(path, origin));
  expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toContain("SSL_new");
});

test("compiles a response that is on its way, and bytes", async () => {
  expect(await compileOpenSsl(fetch(`${origin}/typed`))).toBeInstanceOf(WebAssembly.Module);
  expect(await compileOpenSsl(wasm)).toBeInstanceOf(WebAssembly.Module);
});

test("says which address failed, and how", async () => {
  await expect(compileOpenSsl(`${origin}/missing`)).rejects.toThrow(`${origin}/missing: HTTP status 404`);
});
