/** A notebook in the browser, driven by JupyterLab's own commands. */
import type { BrowserContext, Page } from "playwright";

/** What a cell showed: its text, or the exception's traceback. */
export type CellOutput = string;

/** Longer than a kernel takes to start on a busy machine. */
const KERNEL_TIMEOUT_MS = 180_000;

/** The part of JupyterLab's application that is used in the page. */
declare const jupyterapp: {
  readonly commands: { execute(command: string): Promise<unknown> };
  readonly shell: {
    readonly currentWidget: {
      readonly sessionContext: { readonly ready: Promise<void>; restartKernel(): Promise<void> };
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

/** One open notebook. */
export class Notebook {
  readonly page: Page;
  readonly console: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("console", (message) => void this.console.push(message.text().slice(0, 500)));
    page.on("pageerror", (error) => void this.console.push(`uncaught: ${error.message.slice(0, 500)}`));
  }

  /** Opens a notebook of the site in a tab of its own, with a kernel of its own. */
  static async open(context: BrowserContext, siteUrl: string, name: string): Promise<Notebook> {
    const page = await context.newPage();
    page.setDefaultTimeout(KERNEL_TIMEOUT_MS);
    const notebook = new Notebook(page);
    await page.goto(`${siteUrl}notebooks/index.html?path=${name}`);
    await page.waitForSelector(".jp-Notebook .jp-Cell");
    await page.evaluate(() => jupyterapp.shell.currentWidget.sessionContext.ready);
    return notebook;
  }

  /** Runs all cells; answers what each showed. One that raises is the last to run. */
  async runAll(): Promise<CellOutput[]> {
    await this.page.evaluate(() => jupyterapp.commands.execute("notebook:run-all-cells"));
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

  /** A fresh kernel for the same notebook. */
  async restart(): Promise<void> {
    await this.page.evaluate(() => jupyterapp.shell.currentWidget.sessionContext.restartKernel());
  }
}
