/** The output pane: what Python printed, in the order it was printed, and exceptions in a form that can be read. */

/** Characters kept; the oldest go first, so that a loop that prints for ever costs no more than this. */
const MOST_CHARACTERS = 400_000;

/** Where a text came from. */
export type Source = "stdout" | "stderr" | "note";

/** The parts of the page that the output needs. */
export interface OutputElements {
  readonly log: HTMLElement;
  readonly scroll: HTMLElement;
}

/** Appends to the log once a frame, and follows its end as long as the reader does. */
export class Output {
  readonly #log: HTMLElement;
  readonly #scroll: HTMLElement;
  #queue: Node[] = [];
  #last: { source: Source; text: Text } | undefined;
  #length = 0;
  #frame = 0;
  #atLineStart = true;

  constructor(elements: OutputElements) {
    this.#log = elements.log;
    this.#scroll = elements.scroll;
  }

  /** Adds text as it came; runs from one source are put together. */
  write(source: Source, text: string): void {
    if (text === "") return;
    this.#length += text.length;
    this.#atLineStart = text.endsWith("\n");
    if (this.#last?.source === source) {
      this.#last.text.appendData(text);
    } else {
      const span = document.createElement("span");
      span.className = `o-${source}`;
      const node = document.createTextNode(text);
      span.append(node);
      this.#last = { source, text: node };
      this.#queue.push(span);
    }
    this.#schedule();
  }

  /** One line of the page's own, set apart from Python's. */
  note(text: string): void {
    if (!this.#atLineStart) this.write("stdout", "\n");
    const line = document.createElement("span");
    line.className = "o-note";
    line.textContent = text;
    this.#add(line);
  }

  /**
   * An exception: its last line large, everything above it folded away.
   * @param traceback what Python prints for it
   */
  error(traceback: string): void {
    const lines = traceback.trimEnd().split("\n");
    const start = headlineStart(lines);
    const box = document.createElement("div");
    box.className = "o-error";
    const headline = document.createElement("strong");
    headline.textContent = lines.slice(start).join("\n");
    box.append(headline);
    if (start > 0) {
      const details = document.createElement("details");
      const summary = document.createElement("summary");
      summary.textContent = "Traceback";
      const text = document.createElement("pre");
      text.textContent = lines.slice(0, start).join("\n");
      details.append(summary, text);
      box.append(details);
    }
    this.#add(box);
  }

  clear(): void {
    this.#queue = [];
    this.#last = undefined;
    this.#length = 0;
    this.#atLineStart = true;
    this.#log.replaceChildren();
  }

  #add(node: Node): void {
    this.#last = undefined;
    this.#atLineStart = true;
    this.#length += node.textContent?.length ?? 0;
    this.#queue.push(node);
    this.#schedule();
  }

  #schedule(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#flush();
    });
  }

  #flush(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
    const follows = scrollHeight - scrollTop - clientHeight < 40;
    this.#log.append(...this.#queue);
    this.#queue = [];
    this.#trim();
    if (follows) this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  #trim(): void {
    while (this.#length > MOST_CHARACTERS && this.#log.firstChild) {
      const first = this.#log.firstChild;
      const text = first.firstChild;
      const excess = this.#length - MOST_CHARACTERS;
      const length = first.textContent?.length ?? 0;
      if (length > excess && text instanceof Text) {
        text.deleteData(0, excess);
        this.#length -= excess;
      } else {
        if (this.#last && first.contains(this.#last.text)) this.#last = undefined;
        first.remove();
        this.#length -= length;
      }
    }
  }
}

/** The index of the line where the last exception's own text starts: after the frames, which are indented. */
function headlineStart(lines: readonly string[]): number {
  const header = lines.findLastIndex((line) => line.startsWith("Traceback (most recent call last)"));
  if (header < 0) return lines.findLastIndex((line) => /^\S/.test(line)) || 0;
  const headline = lines.findIndex((line, index) => index > header && /^\S/.test(line));
  return headline < 0 ? lines.length - 1 : headline;
}
