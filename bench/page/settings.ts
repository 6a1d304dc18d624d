/** What the harness serves to its pages as `/settings.json`. */
export interface BenchSettings {
  readonly gateway: string;
  /** The trusted root, PEM. */
  readonly ca: string;
  /** The port of the first request. */
  readonly port: number;
  /** `measure.py`. */
  readonly source: string;
}

/** What a page leaves in `window.bench` once its first response is there. */
export interface BenchPage {
  /** Since the start of the document. */
  readonly startupMs: number;
  /** @returns seconds */
  measure(what: string, port: number, count: number): Promise<number>;
}

declare global {
  interface Window {
    bench: Promise<BenchPage>;
  }
}

export async function fetchSettings(): Promise<BenchSettings> {
  return (await (await fetch("/settings.json")).json()) as BenchSettings;
}
