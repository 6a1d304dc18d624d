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
  readonly shell: {
    readonly currentWidget: {
      readonly context: { readonly ready: Promise<void> };
      readonly sessionContext: {
        readonly ready: Promise<void>;
        readonly session: { readonly kernel: Kernel };
        restartKernel(): Promise<void>;
      };
      readonly content: { readonly model: { toJSON(): { readonly cells: readonly Cell[] } } };
    };
  };
};

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
      async ([path, content]) => {
        await jupyterapp.serviceManager.contents.save(path, { type: "notebook", format: "json", content });
        await jupyterapp.commands.execute("docmanager:open", { path });
        await jupyterapp.shell.currentWidget.context.ready;
        await jupyterapp.shell.currentWidget.sessionContext.ready;
      },
      [path, notebookOf(cells)] as const,
    );
  }

  /** Brings a notebook to the front that is open. */
  async show(path: string): Promise<void> {
    await this.page.evaluate(async (path) => {
      await jupyterapp.commands.execute("docmanager:open", { path });
    }, path);
  }

  /** Runs all cells; answers what each showed. One that raises is the last to run. */
  async runAll(): Promise<CellOutput[]> {
    await this.page.evaluate(() => jupyterapp.commands.execute("notebook:run-all-cells"));
    return this.outputs();
  }

  /** Starts all cells and does not wait for them. */
  async startAll(): Promise<void> {
    await this.page.evaluate(() => {
      void jupyterapp.commands.execute("notebook:run-all-cells");
    });
  }

  /** What each cell of the notebook in front shows now. */
  async outputs(): Promise<CellOutput[]> {
    const { cells } = await this.page.evaluate(() => jupyterapp.shell.currentWidget.content.model.toJSON());
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
      (text) => JSON.stringify(jupyterapp.shell.currentWidget.content.model.toJSON()).includes(text),
      text,
    );
  }

  /** Has the kernel of the notebook in front run code that is in no cell; answers what it printed. */
  execute(code: string): Promise<string> {
    return this.page.evaluate(async (code) => {
      const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
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
      const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
      return (await kernel.requestComplete({ code, cursor_pos: code.length })).content;
    }, code);
  }

  /** What the kernel answers to whoever asks what `code` is. */
  async inspect(code: string): Promise<unknown> {
    return this.page.evaluate(async (code) => {
      const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
      return (await kernel.requestInspect({ code, cursor_pos: code.length, detail_level: 0 })).content;
    }, code);
  }

  /** Opens a comm, as widgets do: the kernel calls what is registered for it. */
  async openComm(target: string): Promise<void> {
    await this.page.evaluate(async (target) => {
      const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
      await kernel.createComm(target).open().done;
    }, target);
  }

  /** Whether the kernel's worker may share memory with the page. */
  isIsolated(): Promise<boolean> {
    return this.page.evaluate(() => crossOriginIsolated);
  }

  /** As a person does it: the command mode's key, twice, in the notebook in front. */
  async interrupt(): Promise<void> {
    await this.page.keyboard.press("Escape");
    await this.page.keyboard.press("i");
    await this.page.keyboard.press("i");
  }

  /** A fresh kernel for the notebook in front. */
  async restart(): Promise<void> {
    await this.page.evaluate(() => jupyterapp.shell.currentWidget.sessionContext.restartKernel());
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
