/** The stream of events that `conformance_harness.py` writes among the tests' own output. */

/** What the harness tells. Ids are unittest's. */
export type HarnessEvent =
  | { readonly event: "tests"; readonly known: readonly string[]; readonly chosen: readonly string[] }
  | { readonly event: "module-skip"; readonly reason: string }
  | { readonly event: "start"; readonly id: string }
  | {
      readonly event: "stop";
      readonly id: string;
      readonly outcome: "pass" | "fail" | "error" | "skip";
      readonly details: string;
      readonly seconds: number;
    }
  | { readonly event: "interrupted" | "end" };

const MARK = "\x1e";

/** Takes pieces of standard output apart: events, and text of the tests. */
export class EventReader {
  readonly #onEvent: (event: HarnessEvent) => void;
  readonly #onText: (text: string) => void;
  #rest = "";

  constructor(onEvent: (event: HarnessEvent) => void, onText: (text: string) => void) {
    this.#onEvent = onEvent;
    this.#onText = onText;
  }

  /** Takes the next piece, cut anywhere. */
  push(piece: string): void {
    this.#rest += piece;
    for (;;) {
      const mark = this.#rest.indexOf(MARK);
      const text = mark < 0 ? this.#rest : this.#rest.slice(0, mark);
      if (text !== "") this.#onText(text);
      this.#rest = mark < 0 ? "" : this.#rest.slice(mark);
      const end = this.#rest.indexOf("\n");
      if (mark < 0 || end < 0) return;
      const line = this.#rest.slice(1, end);
      this.#rest = this.#rest.slice(end + 1);
      this.#onEvent(JSON.parse(line) as HarnessEvent);
    }
  }
}
