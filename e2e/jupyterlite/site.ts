/** A JupyterLite site of this machine alone: the prebuilt application, configured as docs/jupyterlite.md says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type PageServer, type Resource, startPageServer } from "../../demo/page-server.ts";
import { wheelName } from "../../scripts/wheel.ts";
import { PLACES, ROOT } from "../../vendor/cache.ts";
import { snippetsOf } from "../docs/markdown.ts";
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

export interface JupyterLiteOptions {
  /** What the site's kernels have without any code, configured as docs/jupyterlite.md says. Default: the site knows nothing of us. */
  readonly zeroCode?: { readonly gateway: string; readonly ca: string };
  /** Whether pages are cross-origin isolated: the kernel then runs in another kind of worker, with shared memory. */
  readonly isIsolated?: boolean;
}

/** The part of `jupyter-lite.json` that matters here. */
interface Configuration {
  readonly "jupyter-config-data": {
    exposeAppInBrowser?: boolean;
    federated_extensions: { readonly name: string }[];
    litePluginSettings: Record<string, { pyodideUrl: string; loadPyodideOptions?: Record<string, object> }>;
  };
}

const KERNEL_SETTINGS = "@jupyterlite/pyodide-kernel-extension:kernel";

/** What docs/jupyterlite.md tells who has a site to write. */
function documented(): Configuration["jupyter-config-data"] {
  const [snippet] = snippetsOf("docs/jupyterlite.md").filter(({ language }) => language === "json");
  if (snippet === undefined) throw new Error("docs/jupyterlite.md has no configuration");
  return (JSON.parse(snippet.code) as Configuration)["jupyter-config-data"];
}

function configuration({ zeroCode }: JupyterLiteOptions): string {
  const file = join(PLACES.jupyterlite, "jupyter-lite.json");
  const site = JSON.parse(readFileSync(file, "utf8")) as Configuration;
  const data = site["jupyter-config-data"];
  // The tests drive the application by its commands.
  data.exposeAppInBrowser = true;
  // Of the extensions that this prebuilt site has, only the kernel.
  data.federated_extensions = data.federated_extensions.filter(({ name }) => KERNEL.endsWith(name));
  const pyodideUrl = "./pyodide/pyodide.mjs";
  data.litePluginSettings = {
    [KERNEL_SETTINGS]: { pyodideUrl, loadPyodideOptions: { packages: PRELOADED } },
  };
  if (zeroCode !== undefined) {
    const ours = documented();
    const settings = ours.litePluginSettings[KERNEL_SETTINGS];
    if (settings === undefined) throw new Error("docs/jupyterlite.md has no settings for the kernel");
    data.federated_extensions.push(...ours.federated_extensions);
    data.litePluginSettings[KERNEL_SETTINGS] = {
      ...settings,
      loadPyodideOptions: {
        packages: PRELOADED,
        pyodideSsl: {
          ...settings.loadPyodideOptions?.["pyodideSsl"],
          ...zeroCode,
          // Relative to our module, in `pyodide-ssl/`.
          pyodideUrl: `.${pyodideUrl}`,
        },
      },
    };
  }
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
