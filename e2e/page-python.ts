/** Python in a page, driven from a test: `createPython()` runs in the page, its outcomes come over as data. */
import type { BrowserTab } from "./browser.ts";

/** What a Python exception looked like, as `PythonError.report` has it; the members that tests look at. */
export interface ExceptionReport {
  readonly type: string;
  readonly module: string;
  readonly message: string;
  readonly errnoName?: string;
  readonly library?: string;
  readonly reason?: string;
  readonly verifyCode?: number;
  readonly verifyMessage?: string;
  readonly traceback: string;
}

/** An error of the page, with the members that are data. */
export class PageError extends Error {
  /** The error's name in the page: `PythonError`, `WorkerLostError`. */
  readonly kind: string;
  readonly code: string | undefined;
  /** `WorkerLostError.reason`. */
  readonly reason: string | undefined;
  readonly report: ExceptionReport | undefined;

  constructor(error: EncodedPageError) {
    super(`${error.kind}: ${error.message}\n${error.report?.traceback ?? ""}`);
    this.kind = error.kind;
    this.code = error.code;
    this.reason = error.reason;
    this.report = error.report;
  }
}

interface EncodedPageError {
  readonly kind: string;
  readonly message: string;
  readonly code?: string;
  readonly reason?: string;
  readonly report?: ExceptionReport;
}

type Outcome = { readonly value: unknown } | { readonly error: EncodedPageError };

/** Makes an expression's outcome data, errors included. */
const OUTCOME = `async (work) => {
  try {
    return { value: (await work()) ?? null };
  } catch (error) {
    const { name: kind, message, code, reason, report } = error;
    return { error: { kind, message: String(message).slice(0, 20000), code, reason, report } };
  }
}`;

/**
 * Evaluates the body of an async function in the page; `pyodideSsl` is the package there.
 * @param parameters JSON values, by the names under which the body uses them
 * @throws {PageError}
 */
export async function runInPage(
  tab: BrowserTab,
  body: string,
  parameters: Readonly<Record<string, unknown>> = {},
): Promise<unknown> {
  const names = Object.keys(parameters);
  const values = Object.values(parameters).map((value) => JSON.stringify(value) ?? "undefined");
  const work = `async () => (async (${names.join(", ")}) => { ${body} })(${values.join(", ")})`;
  const outcome = (await tab.evaluate(`(${OUTCOME})(${work})`)) as Outcome;
  if ("error" in outcome) throw new PageError(outcome.error);
  return outcome.value;
}

/** Options of `createPython()` that can be written down. */
export interface PageOptions {
  readonly gateway?: string;
  readonly optimisticConnect?: boolean;
  readonly ca?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Archives of packages besides requests and its company: paths of the site. */
  readonly packages?: readonly string[];
}

/** One Python in a tab. */
export class PagePython implements AsyncDisposable {
  readonly tab: BrowserTab;

  private constructor(tab: BrowserTab) {
    this.tab = tab;
  }

  /** Starts Python in the tab with requests and its company. */
  static async start(tab: BrowserTab, options: PageOptions): Promise<PagePython> {
    await runInPage(
      tab,
      `globalThis.output = "";
       globalThis.connections = [];
       globalThis.python = await pyodideSsl.createPython({
         ...options,
         pyodideUrl: "/pyodide/pyodide.mjs",
         packages: ["/python-packages.zip", ...(options.packages ?? [])],
         stdout: (text) => { globalThis.output += text; },
         onConnection: (connection) => { globalThis.connections.push(connection); },
       });`,
      { options },
    );
    return new PagePython(tab);
  }

  /**
   * Runs code; answers the last expression's value as JSON carries it.
   * @param globals names for the code, JSON values; with them it runs in a namespace of its own
   * @throws {PageError} with the exception's report
   */
  run(code: string, globals?: Readonly<Record<string, unknown>>): Promise<unknown> {
    const options = globals === undefined ? {} : { globals };
    return runInPage(this.tab, "return python.run(code, options);", { code, options });
  }

  /** Runs code that must raise; answers what it raised. */
  async raised(code: string, globals?: Readonly<Record<string, unknown>>): Promise<ExceptionReport> {
    const error: unknown = await this.run(code, globals).then(
      (value) => new Error(`nothing was raised; the value is ${JSON.stringify(value)}`),
      (reason: unknown) => reason,
    );
    if (error instanceof PageError && error.report !== undefined) return error.report;
    throw error;
  }

  /** What Python has written to its standard output so far. */
  async output(): Promise<string> {
    return (await runInPage(this.tab, "return output;")) as string;
  }

  /** Makes a file in Python's file system. */
  async writeFile(path: string, content: string): Promise<void> {
    await runInPage(this.tab, "await python.files.writeFile(path, content);", { path, content });
  }

  /** Ends Python and its tab. */
  async [Symbol.asyncDispose](): Promise<void> {
    await runInPage(this.tab, "await python.terminate();").catch(() => undefined);
    await this.tab.close();
  }
}
