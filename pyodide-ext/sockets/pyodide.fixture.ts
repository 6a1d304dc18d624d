/** For tests: a Pyodide whose sockets are the ones of this folder, without the TLS half that `install()` adds. */
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { loadPyodide, type PyodideAPI } from "pyodide";
import { createNodeTransport } from "../../transports/node.ts";
import type { Transport } from "../../transports/stream.ts";
import { ThreadBridge } from "../threads/index.ts";
import { createSocketBridge, type SocketBridge } from "./index.ts";

const SOURCES = new URL("../python/", import.meta.url);

/** A Pyodide with sockets in it. */
export interface PythonWithSockets {
  readonly pyodide: PyodideAPI;
  readonly io: SocketBridge;
  /** Runs Python that may block; the value of its last expression, which is to be a string, number, boolean or None. */
  run(code: string): Promise<unknown>;
  /** The same, for an expression that is answered as JSON. */
  evaluate(code: string): Promise<unknown>;
}

/** Loads Pyodide and puts the socket modules in it. @param transport null leaves Python without a way out */
export async function loadPythonWithSockets(transport?: Transport | null): Promise<PythonWithSockets> {
  const pyodide = await loadPyodide();
  const io = createSocketBridge({
    transport: transport === null ? undefined : (transport ?? (await createNodeTransport())),
  });
  pyodide.registerJsModule("_pyodide_ssl_js", { io, threads: new ThreadBridge(io.waits) });
  for (const folder of ["", "pyodide_ssl/"]) {
    pyodide.FS.mkdirTree(`/extension/${folder}`);
    for (const file of readdirSync(new URL(folder, SOURCES))) {
      if (file.endsWith(".py") && !UNRELATED.has(file)) {
        pyodide.FS.writeFile(`/extension/${folder}${file}`, readFileSync(new URL(folder + file, SOURCES)));
      }
    }
  }
  pyodide.runPython(ACTIVATE);
  const run = async (code: string): Promise<unknown> => pyodide.runPythonAsync(code) as Promise<unknown>;
  const evaluate = async (code: string): Promise<unknown> =>
    JSON.parse((await run(`import json; json.dumps(${code})`)) as string);
  return { pyodide, io, run, evaluate };
}

/** The TLS half and threads, which these tests do without. */
const UNRELATED = new Set(["__init__.py", "_ssl.py", "_thread.py", "_queue.py"]);

/** What `install()` does for these two modules: the built-in ones stay reachable, and who imported them is made anew. */
const ACTIVATE = `
import importlib, importlib.util, sys
sys.path.insert(0, "/extension")
for name in ("_socket", "select"):
    sys.modules["_" + name.strip("_") + "_builtin"] = sys.modules[name]
for name in ("_socket", "select"):
    spec = importlib.util.spec_from_file_location(name, f"/extension/{name}.py")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
import selectors, socket
importlib.reload(selectors)
importlib.reload(socket)
`;

/** A TCP server on 127.0.0.1 for the length of a scope. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** The connection accepted next; waits for it. */
  accepted(): Promise<Socket>;
}

/** Starts a server. Each connection is half-open capable, and goes to `onConnection` and to `accepted`. */
export async function serve(onConnection: (socket: Socket) => void = () => {}): Promise<TestServer> {
  const waiting: ((socket: Socket) => void)[] = [];
  const arrived: Socket[] = [];
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    // A reset by the other side is part of some tests.
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
    onConnection(socket);
    const next = waiting.shift();
    if (next) next(socket);
    else arrived.push(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    accepted: async () => arrived.shift() ?? new Promise((resolve) => waiting.push(resolve)),
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      if (server.listening) await once(server, "close");
    },
  };
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function closedPort(): Promise<number> {
  await using server = await serve();
  return server.port;
}
