/** This package as a page of the peers' harness: Python's own sockets and `ssl`, called from JavaScript without a worker between. */
import { loadPyodide } from "pyodide";
import { install } from "pyodide-ssl";

/** What the harness asks of a page. */
interface PeersPage {
  readonly name: string;
  init(settings: { wispUrl: string; caPem: string }): Promise<void>;
  /** @returns the length of the body */
  get(url: string): Promise<number>;
}

let request: { callPromising(...parameters: unknown[]): Promise<number> } | undefined;

const page: PeersPage = {
  name: "pyodide-ssl",
  async init({ wispUrl, caPem }) {
    const pyodide = await loadPyodide();
    await install(pyodide, { gateway: wispUrl });
    const source = await (await fetch(new URL("client.py", import.meta.url))).text();
    pyodide.registerJsModule("bench_settings", { ca: caPem });
    request = (await pyodide.runPythonAsync(`${source}\nget`)) as typeof request;
  },
  async get(url) {
    if (request === undefined) throw new Error("get before init");
    const { protocol, hostname, port, pathname } = new URL(url);
    return request.callPromising(protocol === "https:", hostname, Number(port), pathname);
  },
};

(globalThis as { bench?: PeersPage }).bench = page;
