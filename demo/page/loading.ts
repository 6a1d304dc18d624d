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

  /** Moves the bar of the report's stage; a report of one stage ends those before it. */
  report(progress: Progress): void {
    for (const [stage, row] of this.#rows) {
      if (stage === progress.stage) {
        advance(row, progress);
        return;
      }
      if (progress.stage !== "worker") finish(row);
    }
  }

  /** Takes the list away. */
  end(): void {
    this.#container.replaceChildren();
    this.#rows.clear();
  }
}

function advance(row: Row, { loaded, total }: Progress): void {
  row.startedAt ??= performance.now();
  if (loaded === undefined) {
    // Under way, and nobody knows how far.
    row.bar.removeAttribute("value");
    return;
  }
  if (total) row.bar.value = Math.min(1, loaded / total);
  row.figure.textContent = total ? `${formatBytes(loaded)} of ${formatBytes(total)}` : formatBytes(loaded);
}

function finish(row: Row): void {
  if (row.isDone) return;
  row.isDone = true;
  row.bar.value = 1;
  if (row.startedAt === undefined) return;
  row.figure.textContent = `${((performance.now() - row.startedAt) / 1000).toFixed(1)} s`;
}
