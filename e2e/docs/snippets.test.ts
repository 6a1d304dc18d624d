/**
 * The documents' snippets, run as a reader would: in a new folder with nothing but the packed tarball, and in Chromium. The word
 * after a block's language says how: `run` (Node, a shell, Python by the command line), `page` (a page's module script), `file=PATH`
 * (it is that file), `same=DOCUMENT` (it is a block there, which is run). What a document's `console.log(…); // TEXT` promises must be printed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../vendor/cache.ts";
import { missingChromium, startChromium, type TestBrowser } from "../browser.ts";
import { startSite, startTestGateway } from "../harness.ts";
import { Packed, type Project } from "../package/new-project.ts";
import { testPki } from "../peers/certs.ts";
import { startNginx } from "../peers/nginx.ts";
import { documents, readDocument, type Snippet, snippetsOf } from "./markdown.ts";

/** Documents whose snippets other tests run. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "docs/jupyterlite.md": "e2e/jupyterlite",
  "docs/pyscript.md": "e2e/pyscript",
  "docs/marimo.md": "a recipe that says that it is untested",
  "docs/clients.md": "e2e/clients",
  "docs/versions.md": "e2e/versions",
  "docs/legacy.md": "pyodide-ext/legacy.test.ts",
  "docs/interoperability.md": "conformance/interop",
};

/** What is code; other blocks are text. */
const LANGUAGES = new Set(["js", "ts", "python", "sh", "html", "json"]);

const pages = documents().filter(
  (file) => /^(README\.md|docs\/[^/]+\.md)$/.test(file) && !(file in ELSEWHERE),
);
const snippets = pages.flatMap((file) => snippetsOf(file)).filter(({ language }) => LANGUAGES.has(language));
const titled = (wanted: (snippet: Snippet) => boolean) =>
  snippets.filter(wanted).map((snippet) => ({ title: `${snippet.file}:${snippet.line}`, snippet }));

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

let project: Project;
let port: number;
let ca: string;

beforeAll(async () => {
  const pki = await testPki();
  ca = pki.ca;
  const nginx = stack.use(await startNginx({ good: { leaf: pki.leaf("good") } }));
  port = nginx.ports.good;
  const packed = stack.use(await Packed.pack());
  project = await packed.project("reader", { "node_modules/.bin/.keep": "" });
  symlinkSync("../pyodide-ssl/dist/cli.js", project.path("node_modules", ".bin", "pyodide-ssl"));
});

/** What stands in a document for the reader's own, as it is on this machine. */
function localised(code: string): string {
  return code.replaceAll("example.org", `localhost:${port}`);
}

/** The lines that a snippet promises to print. */
function promised({ code }: Snippet): string[] {
  return [...localised(code).matchAll(/console\.log\(.*\);? *(?:\}\))?\)?;? *\/\/ (.+)$/gm)]
    .map(([, text = ""]) => text)
    .filter((text) => !text.includes("PORT"));
}

/** Runs a program in the reader's folder. @returns what it printed; @throws with it when it fails */
async function runProgram(program: string, parameters: readonly string[]): Promise<string> {
  const child = spawn(program, parameters, {
    cwd: project.folder,
    env: {
      ...process.env,
      PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`,
      SSL_CERT_FILE: ca,
      npm_config_offline: "true",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`exit status ${code}:\n${output.slice(0, 5000)}`);
  return output;
}

/** Each createPython() and install() is told of the test's authority, and a page's of this machine's Pyodide. */
function withTestSettings(code: string, settings: string): string {
  return code
    .replaceAll("createPython()", "createPython({})")
    .replaceAll("createPython({", `createPython({ ${settings}, `)
    .replaceAll("install(pyodide, {", `install(pyodide, { ${settings}, `);
}

describe("in Node", () => {
  it.each(titled(({ words }) => words.includes("run")))(
    "$title runs",
    async ({ snippet }) => {
      const { language } = snippet;
      const code = localised(snippet.code);
      let output: string;
      if (language === "sh") output = await runProgram("bash", ["-euc", code]);
      else if (language === "python") {
        project.write("snippet.py", code);
        output = await runProgram("npx", ["pyodide-ssl", "snippet.py"]);
      } else if (language === "js") {
        const head = `import { readFileSync as read } from "node:fs";\nconst testCa = read(${JSON.stringify(ca)}, "utf8");\n`;
        project.write("snippet.mjs", head + withTestSettings(code, "ca: testCa"));
        output = await runProgram(process.execPath, ["snippet.mjs"]);
      } else throw new Error(`a block of ${language} can't be run`);
      for (const line of promised(snippet)) expect(output.split("\n")).toContain(line);
    },
    180_000,
  );
});

describe.skipIf(missingChromium() !== undefined)("in Chromium", () => {
  const inPage = titled(({ words }) => words.includes("page"));
  let browser: TestBrowser;
  let siteUrl: string;

  beforeAll(async () => {
    const gateway = await startTestGateway();
    stack.defer(() => gateway.stop());
    const settings = `ca: ${JSON.stringify(readFileSync(ca, "utf8"))}, pyodideUrl: "/pyodide/pyodide.mjs"`;
    const resources = inPage.map(({ snippet }, index) => {
      const code = withTestSettings(localised(snippet.code), settings)
        .replaceAll("wss://gateway.example/", gateway.url)
        .replaceAll('"requests"', '"/python-packages.zip"')
        .replaceAll(/https:\/\/cdn\.jsdelivr\.net\/pyodide\/v[\d.]+\/full\//g, "/pyodide/");
      const html = `<!doctype html><meta charset="utf-8"><title>snippet</title>
<script type="importmap">{ "imports": { "pyodide-ssl": "/dist/index.js" } }</script>
<script>
  globalThis.printed = [];
  const { promise, resolve, reject } = Promise.withResolvers();
  globalThis.finished = promise;
  const log = console.log;
  console.log = (...values) => { printed.push(values.join(" ")); log(...values); };
  addEventListener("error", (event) => reject(new Error(event.message ?? "a script could not be loaded")), true);
  addEventListener("unhandledrejection", (event) => reject(event.reason));
</script>
<script type="module">${code}
resolve();</script>`;
      return [`/snippet-${index}.html`, { text: html, type: "text/html; charset=utf-8" }] as const;
    });
    const site = await startSite(Object.fromEntries(resources));
    stack.defer(() => site.stop());
    siteUrl = site.url;
    browser = stack.use(await startChromium());
  });

  it.each(inPage.map(({ title, snippet }, index) => ({ title, snippet, index })))(
    "$title runs",
    async ({ snippet, index }) => {
      const tab = await browser.open(`${siteUrl}snippet-${index}.html`);
      try {
        const printed = await tab.evaluate("finished.then(() => printed)").catch((error: unknown) => {
          throw new Error(`${String(error)}\n${tab.console.join("\n")}`, { cause: error });
        });
        for (const line of promised(snippet)) expect(printed).toContain(line);
      } finally {
        await tab.close();
      }
    },
    180_000,
  );
});

describe("each block of code", () => {
  it.each(titled(({ words }) => words.some((word) => word.startsWith("file="))))(
    "$title is the file that it names",
    ({ snippet }) => {
      const file = snippet.words.find((word) => word.startsWith("file="))?.slice("file=".length) ?? "";
      expect(snippet.code).toBe(readFileSync(join(ROOT, file), "utf8"));
    },
  );

  it.each(titled(({ words }) => words.some((word) => word.startsWith("same="))))(
    "$title is run in the document that it names",
    ({ snippet }) => {
      const file = snippet.words.find((word) => word.startsWith("same="))?.slice("same=".length) ?? "";
      const run = snippetsOf(file).filter(({ words }) => words.includes("run") || words.includes("page"));
      expect(run.map(({ code }) => code)).toContain(snippet.code);
    },
  );

  it("is run, is a file, or says why not", () => {
    const others = snippets.filter(({ file, line, words }) => {
      if (words.some((word) => /^(run|page|(?:file|same)=.*)$/.test(word))) return false;
      const above = readDocument(file)
        .split("\n")
        .slice(0, line - 1)
        .findLast((text) => text.trim() !== "");
      return !/^<!-- not run here: .+ -->$/.test(above ?? "");
    });
    expect(others.map(({ file, line }) => `${file}:${line}`)).toEqual([]);
  });
});
