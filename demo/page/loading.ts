/** Start-up as it goes: one line with a bar for each thing that is loaded, in the order of loading. */
import { formatBytes } from "./connection.ts";

/** A report of `createPython`'s `onProgress`. */
export interface Progress {
  readonly stage: string;
  readonly loaded?: number | undefined;
  readonly total?: number | undefined;
}

/** The worker's own start takes no time worth a bar. */
const STEPS = [
  { stage: "pyodide", label: "Pyodide" },
  { stage: "openssl", label: "OpenSSL" },
  { stage: "packages", label: "Python packages" },
] as const;

interface Row {
  readonly bar: HTMLProgressElement;
  readonly figure: HTMLElement;
  startedAt: number | undefined;
  isDone: boolean;
}

/** The list of steps inside the output pane, until Python is ready. */
export class Loading {
  readonly #container: HTMLElement;
  #rows = new Map<string, Row>();

  constructor(container: HTMLElement) {
    this.#container = container;
  }

  /** Shows every step as still to come. */
  start(): void {
    this.#rows.clear();
    this.#container.replaceChildren();
    for (const { stage, label } of STEPS) {
      const row = document.createElement("div");
      row.className = "step";
      const name = document.createElement("b");
      name.textContent = label;
      const figure = document.createElement("span");
      const bar = document.createElement("progress");
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute("aria-label", label);
      row.append(name, figure, bar);
      this.#container.append(row);
      this.#rows.set(stage, { bar, figure, startedAt: undefined, isDone: false });
    }
  }

  /** Moves the bar of the report's stage; a report of a later stage ends the ones before it. */
  report(progress: Progress): void {
    if (progress.stage === "ready") {
      for (const row of this.#rows.values()) finish(row);
      return;
    }
    const current = this.#rows.get(progress.stage);
    if (!current) return;
    current.startedAt ??= performance.now();
    const { loaded, total } = progress;
    if (loaded === undefined) {
      current.bar.removeAttribute("value");
    } else if (total) {
      current.bar.value = Math.min(1, loaded / total);
      current.figure.textContent = `${formatBytes(loaded)} of ${formatBytes(total)}`;
      if (loaded >= total) finish(current);
    } else {
      current.figure.textContent = formatBytes(loaded);
    }
  }

  /** Takes the list away. */
  end(): void {
    this.#container.replaceChildren();
    this.#rows.clear();
  }
}

function finish(row: Row): void {
  if (row.isDone) return;
  row.isDone = true;
  row.bar.value = 1;
}
