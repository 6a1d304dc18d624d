/** This package in a page: `measure.py` in a worker, through the gateway. */
import { createPython } from "pyodide-ssl";
import { type BenchPage, fetchSettings } from "./settings.ts";

const CA_FILE = "/tmp/bench-ca.pem";

async function start(): Promise<BenchPage> {
  const settings = await fetchSettings();
  const python = await createPython({
    gateway: settings.gateway,
    pyodideUrl: new URL("/pyodide/pyodide.mjs", location.href),
  });
  await python.files.writeFile(CA_FILE, settings.ca);
  await python.run(settings.source);
  await python.run(`first_response(${settings.port}, ${JSON.stringify(CA_FILE)})`);
  return {
    startupMs: performance.now(),
    async measure(what, port, count) {
      return (await python.run(`${what}(${port}, ${JSON.stringify(CA_FILE)}, ${count})`)) as number;
    },
  };
}

window.bench = start();
