/** From nothing to the first response, stage by stage: in a page and on Node, with this package and without. */

/** What to measure. */
export interface StartSettings {
  /** Pyodide alone, or with this package in it. */
  readonly isOurs: boolean;
  readonly port: number;
  /** The trusted root, PEM. */
  readonly ca: string;
  /** Undefined on Node. */
  readonly gateway: string | undefined;
  /** Loads what TLS needs while Pyodide loads. */
  readonly preload: boolean;
}

/** Names of stages, and their milliseconds. They follow one another, but for the last. */
export type Stages = Readonly<Record<string, number>>;

/** The stages by the clock, and by the processor time of the thread, which other work on the machine does not lengthen. */
export interface Start {
  readonly clock: Stages;
  /** Undefined in pages. */
  readonly processor: Stages | undefined;
}

interface NodeProcess {
  /** In microseconds. */
  threadCpuUsage?(): { readonly user: number; readonly system: number };
}

function processorMs(): number {
  const { process } = globalThis as { process?: NodeProcess };
  const { user, system } = process?.threadCpuUsage?.() ?? { user: Number.NaN, system: Number.NaN };
  return (user + system) / 1000;
}

/** Pyodide's own start. */
export const PYODIDE = "loadPyodide()";

/** The last: not on the way to the first response. */
export const FURTHER_CONTEXT = "a further create_default_context()";

const RESPONSE = `
import socket, ssl

def start():
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

def trust():
    global context
    context = ssl.create_default_context()

def connect(port):
    global connection
    sock = socket.create_connection(("localhost", port))
    connection = context.wrap_socket(sock, server_hostname="localhost")

def request():
    connection.sendall(b"GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
    assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    connection.close()

def contexts(count):
    for _ in range(count):
        ssl.create_default_context()
`;

const CONTEXTS = 50;

/** Measures one start. Call it once, in a fresh process or page. */
export async function firstResponse({ isOurs, port, ca, gateway, preload }: StartSettings): Promise<Start> {
  const clock: Record<string, number> = {};
  const processor: Record<string, number> = {};
  const start: Start = { clock, processor: Number.isNaN(processorMs()) ? undefined : processor };
  let [last, lastProcessor] = [performance.now(), processorMs()];
  const begin = (): void => {
    [last, lastProcessor] = [performance.now(), processorMs()];
  };
  const done = (stage: string, count = 1): void => {
    clock[stage] = (performance.now() - last) / count;
    processor[stage] = (processorMs() - lastProcessor) / count;
    begin();
  };
  const [{ loadPyodide }, ours] = await Promise.all([
    import("pyodide"),
    isOurs ? import("pyodide-ssl") : undefined,
  ]);
  done("modules");
  if (ours === undefined) {
    const pyodide = await loadPyodide();
    done(PYODIDE);
    await pyodide.runPythonAsync(RESPONSE);
    done("the program is read");
    return start;
  }
  const assets = preload ? ours.loadAssets() : undefined;
  const pyodide = await loadPyodide();
  done(PYODIDE);
  await ours.install(pyodide, { gateway, ca, ...(assets === undefined ? {} : { assets: await assets }) });
  done("install()");
  await pyodide.runPythonAsync(RESPONSE);
  done("the program is read");
  for (const [call, stage] of [
    ["start()", "OpenSSL starts"],
    ["trust()", "first create_default_context()"],
    [`connect(${port})`, "connection"],
    ["request()", "response"],
  ] as const) {
    await pyodide.runPythonAsync(call);
    done(stage);
  }
  await pyodide.runPythonAsync("contexts(1)");
  begin();
  await pyodide.runPythonAsync(`contexts(${CONTEXTS})`);
  done(FURTHER_CONTEXT, CONTEXTS);
  return start;
}
