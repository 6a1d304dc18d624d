/** Notebooks in the browser, driven by JupyterLab's own commands. */
import type { BrowserContext, Page } from "playwright";

/** What a cell showed: its text, or the exception's traceback. */
export type CellOutput = string;

/** Longer than a kernel takes to start on a busy machine. */
const KERNEL_TIMEOUT_MS = 180_000;

interface IopubMessage {
  readonly content: { readonly text?: string; readonly ename?: string; readonly evalue?: string };
}

/** A kernel as JupyterLab reaches it, by messages. */
interface Kernel {
  readonly clientId: string;
  requestComplete(content: object): Promise<{ readonly content: object }>;
  requestInspect(content: object): Promise<{ readonly content: object }>;
  requestExecute(content: object): {
    readonly done: Promise<unknown>;
    onIOPub: (message: IopubMessage) => void;
  };
  createComm(target: string): { open(): { readonly done: Promise<unknown> } };
}

/** The part of JupyterLab's application that is used in the page. */
declare const jupyterapp: {
  readonly restored: Promise<void>;
  readonly commands: { execute(command: string, parameters?: object): Promise<unknown> };
  readonly serviceManager: { readonly contents: { save(path: string, model: object): Promise<unknown> } };
  readonly shell: { readonly currentWidget: unknown; activateById(id: string): void };
};

/** A notebook's part of the application. */
interface NotebookPanel {
  readonly id: string;
  readonly node: HTMLElement;
  readonly context: { readonly ready: Promise<void> };
  readonly sessionContext: {
    readonly ready: Promise<void>;
    readonly session: { readonly kernel: Kernel };
    restartKernel(): Promise<void>;
  };
  readonly content: { readonly model: { toJSON(): { readonly cells: readonly Cell[] } } };
}

/** Kept in the page. */
declare global {
  /** The notebook that was opened or shown last. The application may put something else in front, its launcher say. */
  var notebook: NotebookPanel;
  /** Ends when the cells do that were started last. */
  var cellsEnd: Promise<unknown> | undefined;
}

interface Cell {
  readonly outputs: readonly {
    readonly output_type: string;
    readonly text?: string | readonly string[];
    readonly evalue?: string;
    readonly ename?: string;
    readonly data?: Readonly<Record<string, string>>;
  }[];
}

function notebookOf(cells: readonly string[]): unknown {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: "python", display_name: "Python (Pyodide)" } },
    cells: cells.map((source, index) => ({
      id: `cell-${index}`,
      cell_type: "code",
      source,
      metadata: {},
      outputs: [],
      execution_count: null,
    })),
  };
}

/**
 * In a cross-origin isolated page JupyterLite calls its kernels by coincident, which waits for an answer by `Atomics.waitAsync` and
 * takes for granted that this gives a promise. It gives none when the kernel was faster: the answer was lost ("value.then is not a
 * function"), and with it a kernel's start. Here it is a promise in every case, and that of a text ends when the text is whole.
 */
function awaitAnswers(): void {
  const { waitAsync } = Atomics;
  Atomics.waitAsync = ((words: Int32Array, index: number, expected: number) => {
    const waiting = waitAsync(words, index, expected);
    if (waiting.async) return waiting;
    // An answer begins as two words: 1 and the length of the text, which comes in words of its own without a zero at their end.
    const isWhole = () => (words.length === 2 && words[0] === 1) || words.at(-1) !== 0;
    const value = new Promise<string>((resolve) => {
      const look = (): void => {
        if (isWhole()) resolve("ok");
        else setTimeout(look);
      };
      look();
    });
    return { async: true, value };
  }) as typeof waitAsync;
}

/** JupyterLab in a tab, with the notebook that is in front. */
export class Lab {
  readonly page: Page;
  readonly siteUrl: string;
  readonly console: string[] = [];

  private constructor(page: Page, siteUrl: string) {
    this.page = page;
    this.siteUrl = siteUrl;
    page.on("console", (message) => void this.console.push(message.text().slice(0, 500)));
    page.on("pageerror", (error) => void this.console.push(`uncaught: ${error.message.slice(0, 500)}`));
  }

  /** Opens the application in a tab of its own. */
  static async open(context: BrowserContext, siteUrl: string): Promise<Lab> {
    const page = await context.newPage();
    await page.addInitScript(awaitAnswers);
    page.setDefaultTimeout(KERNEL_TIMEOUT_MS);
    const lab = new Lab(page, siteUrl);
    await page.goto(`${siteUrl}lab/index.html`);
    await page.waitForFunction(() => "jupyterapp" in globalThis);
    await page.evaluate(() => jupyterapp.restored);
    return lab;
  }

  /** Makes a notebook of these cells and brings it to the front, with a kernel of its own. */
  async openNotebook(path: string, cells: readonly string[]): Promise<void> {
    await this.page.evaluate(
      ([path, content]) =>
        jupyterapp.serviceManager.contents.save(path, { type: "notebook", format: "json", content }),
      [path, notebookOf(cells)] as const,
    );
    await this.show(path);
  }

  /** Brings a notebook to the front. */
  async show(path: string): Promise<void> {
    await this.page.evaluate(async (path) => {
      globalThis.notebook = (await jupyterapp.commands.execute("docmanager:open", { path })) as NotebookPanel;
      await notebook.context.ready;
      await notebook.sessionContext.ready;
    }, path);
    await this.#bringToFront();
  }

  /** Waits until the notebook has the keyboard. */
  async #bringToFront(): Promise<void> {
    await this.page.evaluate(() => jupyterapp.shell.activateById(notebook.id));
    await this.page.waitForFunction(
      () => jupyterapp.shell.currentWidget === notebook && notebook.node.contains(document.activeElement),
    );
  }

  /** Runs all cells; answers what each showed. One that raises is the last to run. */
  async runAll(): Promise<CellOutput[]> {
    await this.page.evaluate(() => jupyterapp.commands.execute("notebook:run-all-cells"));
    return this.outputs();
  }

  /** Starts all cells and does not wait for them. */
  async startAll(): Promise<void> {
    await this.page.evaluate(() => {
      globalThis.cellsEnd = jupyterapp.commands.execute("notebook:run-all-cells");
    });
  }

  /**
   * Waits until the cells that were started last have ended, and the kernel has said so. What it is asked before, JupyterLite drops
   * without an answer when a cell raises.
   */
  async waitForEnd(): Promise<void> {
    await this.page.evaluate(() => globalThis.cellsEnd);
  }

  /** What each cell of the notebook in front shows now. */
  async outputs(): Promise<CellOutput[]> {
    const { cells } = await this.page.evaluate(() => notebook.content.model.toJSON());
    return cells.map(({ outputs }) =>
      outputs
        .map(({ text, ename, evalue, data }) =>
          ename === undefined
            ? [text ?? data?.["text/plain"] ?? ""].flat().join("")
            : `${ename}: ${evalue ?? ""}`,
        )
        .join(""),
    );
  }

  /** Waits until a cell of the notebook in front shows something that fits. */
  async waitForOutput(text: string): Promise<void> {
    await this.page.waitForFunction(
      (text) => JSON.stringify(notebook.content.model.toJSON()).includes(text),
      text,
    );
  }

  /** Has the kernel of the notebook in front run code that is in no cell; answers what it printed. */
  execute(code: string): Promise<string> {
    return this.page.evaluate(async (code) => {
      const { kernel } = notebook.sessionContext.session;
      const future = kernel.requestExecute({ code });
      let shown = "";
      future.onIOPub = ({ content: { text, ename, evalue } }) => {
        shown += text ?? (ename === undefined ? "" : `${ename}: ${evalue ?? ""}`);
      };
      await future.done;
      return shown;
    }, code);
  }

  /** What the kernel answers to whoever writes `code` and asks how it may go on. */
  async complete(code: string): Promise<unknown> {
    return this.page.evaluate(async (code) => {
      const { kernel } = notebook.sessionContext.session;
      return (await kernel.requestComplete({ code, cursor_pos: code.length })).content;
    }, code);
  }

  /** What the kernel answers to whoever asks what `code` is. */
  async inspect(code: string): Promise<unknown> {
    return this.page.evaluate(async (code) => {
      const { kernel } = notebook.sessionContext.session;
      return (await kernel.requestInspect({ code, cursor_pos: code.length, detail_level: 0 })).content;
    }, code);
  }

  /** Opens a comm, as widgets do: the kernel calls what is registered for it. */
  async openComm(target: string): Promise<void> {
    await this.page.evaluate(async (target) => {
      const { kernel } = notebook.sessionContext.session;
      await kernel.createComm(target).open().done;
    }, target);
  }

  /** Whether the kernel's worker may share memory with the page. */
  isIsolated(): Promise<boolean> {
    return this.page.evaluate(() => crossOriginIsolated);
  }

  /** As a person does it: the command mode's key, twice, in the notebook in front. */
  async interrupt(): Promise<void> {
    await this.#bringToFront();
    await this.page.keyboard.press("Escape");
    await this.page.keyboard.press("i");
    await this.page.keyboard.press("i");
  }

  /** A fresh kernel for the notebook in front. */
  async restart(): Promise<void> {
    await this.page.evaluate(() => notebook.sessionContext.restartKernel());
  }

  /** Ends its kernels with it. */
  close(): Promise<void> {
    return this.page.context().close();
  }

  /** A picture of the page. */
  async screenshot(file: string): Promise<void> {
    await this.page.screenshot({ path: file });
  }
}
