/** The bundles of `dist/`: what goes into which, and the rules they must keep. */
import { chmodSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import { ROOT } from "../vendor/cache.ts";
import { PYTHON_MINOR } from "../vendor/python-version.ts";
import { PYODIDE_CDN_URL, PYODIDE_VERSION } from "../worker/versions.ts";
import { integrityOfAssets } from "./assets.ts";

/**
 * What browsers load; `comlink` is the only foreign code in it. `index.js` starts the worker, which is one file, as it is copied
 * to where bundlers don't see it; `install()` loads `install.js`, which pages with a worker never do.
 */
const BROWSER_ENTRIES = {
  index: "worker/index.ts",
  install: "pyodide-ext/install.ts",
  worker: "worker/worker.ts",
};

/** In `index.js`, and in `install.js` an import of it: classes that programs compare with are there once. */
const IN_INDEX = { index: "transports/stream.ts" };

/** What Node loads. Dependencies stay imports of the installed packages. */
const NODE_ENTRIES: Record<string, string> = {
  "index.node": "worker/index.node.ts",
  "worker.node": "worker/worker.node.ts",
  gateway: "gateway/index.ts",
  "gateway-command": "gateway/command.ts",
  cli: "cli/cli.ts",
};

/** Foreign code that a bundle may contain. wisp-js is LGPL and must never be among it. */
const BUNDLED_PACKAGES = new Set(["comlink"]);

const SHARED: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  format: "esm",
  target: "es2024",
  // `using` is not in Firefox and Safari of the supported line yet.
  supported: { using: false },
  sourcemap: true,
  legalComments: "inline",
  logLevel: "warning",
};

/** For what comes over the network. Classes with a name to show have it written out (`error.name`). */
const MINIFIED = { minify: true } as const;

/**
 * `using` works with the engine's own symbols; where an engine has none yet, they are those that esbuild's `using` and
 * Pyodide look for.
 */
const DISPOSAL_SYMBOLS =
  'for (const name of ["dispose", "asyncDispose"]) Symbol[name] ?? Object.defineProperty(Symbol, name, { value: Symbol.for("Symbol." + name) });';

/**
 * Leaves out of a browser bundle what only Node runs: modules imported dynamically that are Node's own (`node:fs`) or
 * named so (`node-tcp.ts`). A static import of one is left to fail the build.
 */
const withoutNodeModules: Plugin = {
  name: "without-node-modules",
  setup(builder) {
    builder.onResolve({ filter: /^node:|\/node[-.\w]*\.ts$/ }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path, namespace: "node-only" } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: "node-only" }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${basename(path)} is for Node, and not part of the browser bundle`)});`,
    }));
  },
};

/** Keeps an import of one entry by another an import, so that the command line starts without the gateway's code. */
function siblingEntries(entries: Record<string, string>): Plugin {
  const outputs = new Map(
    Object.entries(entries).map(([name, source]) => [resolve(ROOT, source), `./${name}.js`]),
  );
  return {
    name: "sibling-entries",
    setup(builder) {
      builder.onResolve({ filter: /^\./ }, ({ path, resolveDir, kind }) => {
        const output = kind === "entry-point" ? undefined : outputs.get(resolve(resolveDir, path));
        return output === undefined ? undefined : { path: output, external: true };
      });
    },
  };
}

/** The Python that the build is for. */
const PYTHON = { PYODIDE_SSL_PYTHON: JSON.stringify(PYTHON_MINOR) };

/** What the sources name and only the build knows. */
function definitions(dist: string): Record<string, string> {
  return {
    PYODIDE_SSL_INTEGRITY: JSON.stringify(integrityOfAssets(join(dist, "assets"))),
    ...PYTHON,
    PYODIDE_SSL_PYODIDE_URL: JSON.stringify(PYODIDE_CDN_URL),
    PYODIDE_SSL_PYODIDE_VERSION: JSON.stringify(PYODIDE_VERSION),
  };
}

/** Throws when a bundle holds foreign code that it may not, or (browser) still imports something. */
function checkBundles(metafile: Metafile, isBrowser: boolean): void {
  for (const [output, { inputs, imports }] of Object.entries(metafile.outputs)) {
    for (const input of Object.keys(inputs)) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1];
      if (name !== undefined && !BUNDLED_PACKAGES.has(name))
        throw new Error(`${output} may not contain ${name} (${input})`);
    }
    const left = imports.filter(({ external, path }) => external === true && !path.startsWith("./"));
    if (isBrowser && left.length > 0)
      throw new Error(`${output} imports ${left.map(({ path }) => path).join(", ")}`);
  }
}

/** Writes the bundles that browsers load. */
export async function writeBrowserBundles(dist: string): Promise<void> {
  const write = async (changes: BuildOptions, plugins: Plugin[] = []): Promise<void> => {
    const { metafile } = await build({
      ...SHARED,
      ...MINIFIED,
      ...changes,
      metafile: true,
      define: definitions(dist),
      outdir: dist,
      platform: "browser",
      banner: { js: DISPOSAL_SYMBOLS },
      plugins: [withoutNodeModules, ...plugins],
    });
    checkBundles(metafile, true);
  };
  const { index, install, worker } = BROWSER_ENTRIES;
  await write({ entryPoints: { index } }, [siblingEntries({ install })]);
  await write({ entryPoints: { install } }, [siblingEntries(IN_INDEX)]);
  await write({ entryPoints: { worker } });
  // Named as Pyodide's own, whose place it takes.
  await write({
    entryPoints: { pyodide: "pyodide-ext/pyodide-module.ts" },
    outExtension: { ".js": ".mjs" },
  });
}

/** Writes what JupyterLab loads as a script, as it loads its extensions. */
export async function writeJupyterLiteExtension(dist: string): Promise<void> {
  const { metafile } = await build({
    ...SHARED,
    format: "iife",
    metafile: true,
    entryPoints: { "jupyterlite-interrupt": "pyodide-ext/jupyterlite-interrupt.ts" },
    outdir: dist,
    platform: "browser",
  });
  checkBundles(metafile, true);
}

/** Node's modules are asked of the process when they are needed: the same text runs in browsers, which have none. */
const nodeModulesOfTheProcess: Plugin = {
  name: "node-modules-of-the-process",
  setup(builder) {
    builder.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: "of-the-process" }));
    builder.onLoad({ filter: /.*/, namespace: "of-the-process" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/** The one ES module in the wheel, which runs in browsers and on Node and imports nothing. */
export async function bundleForWheel(): Promise<Uint8Array> {
  const { metafile, outputFiles } = await build({
    ...SHARED,
    sourcemap: false,
    metafile: true,
    write: false,
    define: PYTHON,
    entryPoints: ["pyodide-ext/wheel.ts"],
    outfile: "pyodide-ssl.mjs",
    platform: "neutral",
    banner: { js: DISPOSAL_SYMBOLS },
    ...MINIFIED,
    // Its address is a blob's, or all of its text: stack traces are to name it.
    footer: { js: "//# sourceURL=pyodide-ssl.mjs" },
    plugins: [nodeModulesOfTheProcess],
  });
  checkBundles(metafile, true);
  const [output] = outputFiles;
  if (output === undefined) throw new Error("esbuild made no module for the wheel");
  return output.contents;
}

/** Writes the bundles that Node loads, the command line among them. */
export async function writeNodeBundles(dist: string): Promise<void> {
  const { metafile } = await build({
    ...SHARED,
    metafile: true,
    define: definitions(dist),
    entryPoints: NODE_ENTRIES,
    outdir: dist,
    platform: "node",
    external: ["pyodide", "ws", "@mercuryworkshop/wisp-js"],
    plugins: [siblingEntries(NODE_ENTRIES)],
  });
  checkBundles(metafile, false);
  chmodSync(join(dist, "cli.js"), 0o755);
}
