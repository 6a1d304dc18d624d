/** A JupyterLite site of this machine alone: the prebuilt application, configured as docs/jupyterlite.md says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type PageServer, type Resource, startPageServer } from "../../demo/page-server.ts";
import { wheelName } from "../../scripts/wheel.ts";
import { PLACES, ROOT } from "../../vendor/cache.ts";
import { pyodideDistribution } from "../pyodide-distribution.ts";

const KERNEL = "extensions/@jupyterlite/pyodide-kernel-extension";

/** What the kernel would get from micropip is among what Pyodide loads at its start: the kernel asks for what is missing only. */
const PRELOADED = [
  "micropip",
  "piplite",
  "ipykernel",
  "comm",
  "pyodide-kernel",
  "jedi",
  "ipython",
  "requests",
];

/** As docs/jupyterlite.md has it. */
const INTERRUPT_EXTENSION = {
  name: "pyodide-ssl",
  load: "../../pyodide-ssl/jupyterlite-interrupt.js",
  extension: "./extension",
} as const;

export interface JupyterLiteOptions {
  /** `pyodideUrl` of `jupyter-lite.json`, relative to the site. Default: Pyodide itself. */
  readonly pyodideUrl?: string;
  /** `loadPyodideOptions.pyodideSsl`. */
  readonly pyodideSsl?: Readonly<Record<string, string>>;
  /** Whether the kernel's interrupt command reaches what waits, by the extension of ours. */
  readonly hasInterruptExtension?: boolean;
  /** Whether pages are cross-origin isolated: the kernel then runs in another kind of worker, with shared memory. */
  readonly isIsolated?: boolean;
}

function configuration({ pyodideUrl, pyodideSsl, hasInterruptExtension }: JupyterLiteOptions): string {
  const site = JSON.parse(readFileSync(join(PLACES.jupyterlite, "jupyter-lite.json"), "utf8")) as {
    "jupyter-config-data": Record<string, unknown> & { federated_extensions: object[] };
  };
  const data = site["jupyter-config-data"];
  // The tests drive the application by its commands.
  data["exposeAppInBrowser"] = true;
  // Of the extensions that this prebuilt site has, only the kernel.
  data.federated_extensions = data.federated_extensions.filter(
    (extension) => "name" in extension && KERNEL.endsWith(String(extension.name)),
  );
  if (hasInterruptExtension === true) data.federated_extensions.push(INTERRUPT_EXTENSION);
  data["litePluginSettings"] = {
    "@jupyterlite/pyodide-kernel-extension:kernel": {
      pyodideUrl: pyodideUrl ?? "./pyodide/pyodide.mjs",
      loadPyodideOptions: { packages: PRELOADED, ...(pyodideSsl === undefined ? {} : { pyodideSsl }) },
    },
  };
  return JSON.stringify(site);
}

/** The headers that make a page cross-origin isolated. */
const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Starts it. */
export function startJupyterLite(options: JupyterLiteOptions): Promise<PageServer> {
  const json = (text: string): Resource => ({ text, type: "application/json" });
  const resources: Record<string, Resource> = {
    "/jupyter-lite.json": json(configuration(options)),
    [`/${wheelName()}`]: { file: join(ROOT, "dist", wheelName()) },
    ...pyodideDistribution(),
    "/pyodide-ssl/": { folder: join(ROOT, "dist") },
    "/": { folder: PLACES.jupyterlite },
  };
  return startPageServer({
    port: 0,
    contentSecurityPolicy: "default-src * 'unsafe-inline' 'unsafe-eval' blob: data:",
    headers: options.isIsolated === true ? ISOLATED : {},
    resources,
  });
}
