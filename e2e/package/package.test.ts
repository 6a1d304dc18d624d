/** The packed tarball in the hands of a new user: each project begins in an empty folder with only the tarball. */
import { readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPageServer } from "../../demo/page-server.ts";
import { ROOT } from "../../vendor/cache.ts";
import { missingChromium, startChromium, type TestBrowser } from "../browser.ts";
import { GATEWAY_OPTIONS, GREETING, requestCode, startHttpsSite } from "./https-site.ts";
import { Packed, type Project } from "./new-project.ts";

const PYODIDE = dirname(fileURLToPath(import.meta.resolve("pyodide/pyodide.mjs")));
const tool = (path: string) => join(ROOT, "node_modules", path);

/** What every project's page does. `config.json` stands for what a user would write into the code. */
const APP = `
const config = await (await fetch("config.json")).json();
globalThis.outcome = (async () => {
  await using python = await createPython(config.options);
  return await python.run(config.code);
})();
`;
const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>app</title>
<script>
  const { promise, reject } = Promise.withResolvers();
  globalThis.brokenPage = promise;
  addEventListener("error", (event) => reject(new Error(event.message ?? "a script could not be loaded")), true);
  addEventListener("unhandledrejection", (event) => reject(event.reason));
</script>
<script type="module" src="SCRIPT"></script>`;

const stack = new AsyncDisposableStack();
let packed: Packed;
let browser: TestBrowser;
let config: { readonly options: Record<string, string>; readonly code: string };

beforeAll(async () => {
  packed = stack.use(await Packed.pack());
  const site = stack.use(await startHttpsSite());
  const tools = await packed.project("gateway", {});
  const gateway = await startGateway(tools);
  stack.defer(() => gateway.stop());
  config = {
    options: { gateway: gateway.url, ca: site.ca, pyodideUrl: "pyodide/pyodide.mjs" },
    code: requestCode(site.port),
  };
  if (missingChromium() === undefined) browser = stack.use(await startChromium());
});
afterAll(() => stack.disposeAsync());

/** The gateway is the tarball's own too. */
async function startGateway(project: Project): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const entry = pathToFileURL(project.path("node_modules", "pyodide-ssl", "dist", "gateway.js")).href;
  const { startGateway } = (await import(entry)) as typeof import("pyodide-ssl/gateway");
  return startGateway(GATEWAY_OPTIONS);
}

/** Serves a folder as any static server would, opens it, and answers what its page's Python made. */
async function outcomeOf(folder: string): Promise<unknown> {
  const server = await startPageServer({
    port: 0,
    contentSecurityPolicy: "default-src * 'unsafe-inline' 'unsafe-eval' blob: data:",
    resources: {
      "/config.json": { text: JSON.stringify(config), type: "application/json" },
      "/pyodide/": { folder: PYODIDE },
      "/": { folder },
    },
  });
  try {
    return await openPage(`http://127.0.0.1:${server.port}/`);
  } finally {
    await server.stop();
  }
}

async function openPage(url: string): Promise<unknown> {
  const tab = await browser.open(url);
  try {
    return await tab.evaluate(`(async () => {
      const started = async () => {
        while (globalThis.outcome === undefined) await new Promise((resolve) => setTimeout(resolve, 50));
        return globalThis.outcome;
      };
      return Promise.race([started(), globalThis.brokenPage]);
    })()`);
  } catch (error) {
    throw new Error(`${String(error)}\n${tab.console.join("\n")}`, { cause: error });
  } finally {
    await tab.close();
  }
}

describe.skipIf(missingChromium() !== undefined)("in Chromium, the packed tarball", () => {
  it("runs in a plain page of a static server", async () => {
    const project = await packed.project("plain", {
      "index.html": PAGE.replace("SCRIPT", "main.js"),
      "main.js": `import { createPython } from "./node_modules/pyodide-ssl/dist/index.js";${APP}`,
    });
    expect(await outcomeOf(project.folder)).toBe(GREETING);
  });

  it("is put by install() into a Pyodide that the page has loaded, with openssl.wasm from another address", async () => {
    const project = await packed.project("install", {
      "index.html": PAGE.replace("SCRIPT", "main.js"),
      "main.js": `
import { loadPyodide } from "./pyodide/pyodide.mjs";
import { install } from "./node_modules/pyodide-ssl/dist/index.js";
const { options: { gateway, ca }, code } = await (await fetch("config.json")).json();
globalThis.outcome = (async () => {
  const pyodide = await loadPyodide();
  await install(pyodide, { gateway, ca, wasmUrl: "moved/tls.wasm", preload: false });
  const before = performance.getEntriesByType("resource").filter(({ name }) => name.includes("tls.wasm")).length;
  return [before, await pyodide.runPythonAsync(code)];
})();`,
    });
    project.write("moved/.keep", "");
    project.copyFromPackage(["assets/openssl.wasm"], "moved");
    renameSync(project.path("moved", "assets", "openssl.wasm"), project.path("moved", "tls.wasm"));
    expect(await outcomeOf(project.folder)).toEqual([0, GREETING]);
  });

  it("refuses an openssl.wasm that is not its own, and says so in Python", async () => {
    const project = await packed.project("tampered", {
      "index.html": PAGE.replace("SCRIPT", "main.js"),
      "main.js": `import { createPython } from "./node_modules/pyodide-ssl/dist/index.js";${APP.replace(
        "await python.run(config.code)",
        "await python.run(config.code).catch((error) => [error.report.type, error.report.message])",
      )}`,
    });
    const wasm = project.path("node_modules", "pyodide-ssl", "dist", "assets", "openssl.wasm");
    const bytes = readFileSync(wasm);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(wasm, bytes);
    expect(await outcomeOf(project.folder)).toEqual([
      "ImportError",
      expect.stringMatching(
        /openssl\.wasm\S* is not the file of this build of pyodide-ssl: its hash is sha384-/,
      ),
    ]);
  });

  it("is built by Vite, and runs from its preview server", async () => {
    const project = await packed.project("vite", {
      "index.html": PAGE.replace("SCRIPT", "/main.js"),
      "main.js": `import { createPython } from "pyodide-ssl";${APP}`,
    });
    await project.node([tool("vite/bin/vite.js"), "build"]);
    project.write("dist/config.json", JSON.stringify(config));
    symlinkSync(PYODIDE, project.path("dist", "pyodide"));
    const { preview } = await import("vite");
    const server = await preview({
      root: project.folder,
      logLevel: "error",
      preview: { port: 0, host: "127.0.0.1" },
    });
    stack.defer(() => server.close());
    expect(await openPage(server.resolvedUrls?.local[0] ?? "")).toBe(GREETING);
  });

  it("is bundled by esbuild, with the worker and the assets copied beside the bundle", async () => {
    const project = await packed.project("esbuild", {
      "public/index.html": PAGE.replace("SCRIPT", "main.js"),
      "main.js": `import { createPython } from "pyodide-ssl";${APP}`,
    });
    await build({
      absWorkingDir: project.folder,
      entryPoints: ["main.js"],
      bundle: true,
      format: "esm",
      outdir: "public",
    });
    project.copyFromPackage(["worker.js", "assets"], "public");
    expect(await outcomeOf(project.path("public"))).toBe(GREETING);
  });

  it("is bundled by webpack", async () => {
    const project = await packed.project("webpack", {
      // What webpack makes is a classic script, and finds its files by the script's address.
      "dist/index.html": PAGE.replace("SCRIPT", "main.js").replace('type="module"', "defer"),
      "src/index.js": `import { createPython } from "pyodide-ssl";${APP}`,
    });
    project.write(
      "build.js",
      `
import webpack from ${JSON.stringify(tool("webpack/lib/index.js"))};
const compiler = webpack({ mode: "production", optimization: { minimize: false } });
compiler.run((error, stats) => {
  if (error !== null || stats.hasErrors()) throw new Error(String(error ?? stats));
});`,
    );
    await project.node(["build.js"]);
    expect(await outcomeOf(project.path("dist"))).toBe(GREETING);
  });
});

describe("on Node, the packed tarball", () => {
  it("is an ES module, through the gateway as over TCP", async () => {
    const project = await packed.project("node", {
      "main.js": `
import { createPython } from "pyodide-ssl";
const { options: { gateway, ca }, code } = JSON.parse(process.argv[2]);
for (const way of [{ gateway }, {}]) {
  await using python = await createPython({ ...way, ca });
  const name = way.gateway === undefined ? code.replace("other.test", "127.0.0.1") : code;
  console.log(await python.run(name).catch((error) => error.message));
}`,
    });
    const lines = (await project.node(["main.js", JSON.stringify(config)])).trim().split("\n");
    expect(lines).toEqual([GREETING, `${GREETING}, but any name will do`]);
  });

  it("has its command", async () => {
    const project = await packed.project("command", {});
    const command = project.path("node_modules", "pyodide-ssl", "dist", "cli.js");
    expect(await project.node([command, "-c", "import ssl; print(ssl.OPENSSL_VERSION)"])).toMatch(
      /^OpenSSL 3\.5\./,
    );
  });
});

describe("to TypeScript, the packed tarball", () => {
  const USE = `
import { createPython, install, type PythonOptions, PythonError } from "pyodide-ssl";
const options: PythonOptions = { gateway: "wss://gateway.example/", preload: true };
const python = await createPython(options);
const answer: unknown = await python.run("1 + 1").catch((error: unknown) => {
  if (error instanceof PythonError) return error.report.type;
  throw error;
});
await python.files.writeFile("/tmp/answer", String(answer));
await python.terminate();
export { install };
`;
  const compilerOptions = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    target: "ES2022",
    module: "NodeNext",
    moduleResolution: "NodeNext",
  };

  it.each([
    ["a page's, without any @types", { lib: ["ES2022", "DOM"], types: [] }, USE],
    [
      "a bundler's",
      { lib: ["ES2022", "DOM"], types: [], module: "ESNext", moduleResolution: "Bundler" },
      USE,
    ],
    [
      "with Pyodide's own types",
      { lib: ["ES2024", "DOM", "ESNext.Disposable"], types: ["node", "emscripten"] },
      `import { loadPyodide } from "pyodide";
import { install } from "pyodide-ssl";
export const installation = await install(await loadPyodide(), { gateway: "wss://gateway.example/" });`,
    ],
    [
      "a gateway's",
      { lib: ["ES2022"], types: ["node"] },
      `import { startGateway, type Gateway } from "pyodide-ssl/gateway";
export const gateway: Gateway = await startGateway({ port: 0 });`,
    ],
  ])("has types: %s", async (_title, options, source) => {
    const name = `types-${_title.replace(/\W+/g, "-")}`;
    const project = await packed.project(name, {
      "main.ts": source,
      "tsconfig.json": JSON.stringify({
        compilerOptions: { ...compilerOptions, ...options },
        files: ["main.ts"],
      }),
    });
    for (const types of options.types) project.borrow(`@types/${types}`);
    expect(await project.node([tool("typescript/bin/tsc"), "-p", "."])).toBe("");
  });

  it("has exports and types that every resolver finds (publint, attw)", async () => {
    const project = await packed.project("lint", {});
    const folder = project.path("node_modules", "pyodide-ssl");
    expect(
      await project.node([tool("publint/src/cli.js"), "run", folder, "--strict", "--pack", "false"]),
    ).toMatch(/All good/);
    await project.node([
      tool("@arethetypeswrong/cli/dist/index.js"),
      packed.tarball,
      "--profile",
      "esm-only",
    ]);
  });
});
