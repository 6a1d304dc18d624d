/**
 * The editor: a plain textarea, so that caret, selection, undo, touch keyboards and screen readers are the browser's own,
 * lying over a coloured copy of its text.
 */
import { tokenize } from "./highlight.ts";

const INDENT = "    ";

/** The parts of the page that make up the editor. */
export interface EditorElements {
  readonly source: HTMLTextAreaElement;
  readonly paint: HTMLElement;
  readonly numbers: HTMLElement;
}

/** A code editor over a textarea. */
export class Editor {
  readonly #source: HTMLTextAreaElement;
  readonly #paint: HTMLElement;
  readonly #numbers: HTMLElement;
  /** Set by Escape: the next Tab moves the focus, so that the keyboard is never caught in here. */
  #tabLeaves = false;

  constructor(elements: EditorElements) {
    this.#source = elements.source;
    this.#paint = elements.paint;
    this.#numbers = elements.numbers;
    this.#source.addEventListener("input", () => this.#repaint());
    this.#source.addEventListener("keydown", (event) => this.#onKey(event));
    this.#source.addEventListener("blur", () => {
      this.#tabLeaves = false;
    });
    this.#repaint();
  }

  get text(): string {
    return this.#source.value;
  }

  set text(text: string) {
    this.#source.value = text;
    this.#source.setSelectionRange(0, 0);
    this.#source.closest(".editor")?.scrollTo(0, 0);
    this.#repaint();
  }

  focus(): void {
    this.#source.focus();
  }

  #repaint(): void {
    const text = this.#source.value;
    this.#paint.replaceChildren(
      ...tokenize(text).map(({ kind, text: part }) => {
        if (kind === "plain") return document.createTextNode(part);
        const span = document.createElement("span");
        span.className = `t-${kind}`;
        span.textContent = part;
        return span;
      }),
      // A last line that is empty takes room in a textarea but not in a <pre>.
      "\n",
    );
    const lines = text.split("\n").length;
    this.#numbers.textContent = Array.from({ length: lines }, (_, index) => index + 1).join("\n");
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      this.#tabLeaves = true;
      return;
    }
    if (event.key === "Tab" && this.#tabLeaves) {
      this.#tabLeaves = false;
      return;
    }
    this.#tabLeaves &&= event.key === "Shift";
    if (event.key === "Tab") {
      event.preventDefault();
      this.#indent(event.shiftKey ? "out" : "in");
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#newLine();
    } else if (event.key === "Backspace") {
      this.#backspaceIndent(event);
    }
  }

  #newLine(): void {
    const before = this.#source.value.slice(0, this.#source.selectionStart);
    const line = before.slice(before.lastIndexOf("\n") + 1);
    const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
    const opensBlock = /[:([{]\s*(?:#.*)?$/.test(line);
    this.#insert(`\n${indent}${opensBlock ? INDENT : ""}`);
  }

  /** Backspace in leading spaces takes a whole level away. */
  #backspaceIndent(event: KeyboardEvent): void {
    const { selectionStart: start, selectionEnd: end, value } = this.#source;
    if (start !== end) return;
    const line = value.slice(value.lastIndexOf("\n", start - 1) + 1, start);
    if (line === "" || line.trim() !== "" || line.length % INDENT.length !== 0) return;
    event.preventDefault();
    this.#source.setSelectionRange(start - INDENT.length, start);
    this.#insert("");
  }

  #indent(direction: "in" | "out"): void {
    const { selectionStart: start, selectionEnd: end, value } = this.#source;
    if (direction === "in" && start === end) {
      const column = start - (value.lastIndexOf("\n", start - 1) + 1);
      this.#insert(" ".repeat(INDENT.length - (column % INDENT.length)));
      return;
    }
    const from = value.lastIndexOf("\n", start - 1) + 1;
    const to = value.indexOf("\n", Math.max(end - 1, from));
    const until = to < 0 ? value.length : to;
    const lines = value.slice(from, until).split("\n");
    const moved = lines.map((line) =>
      direction === "in" ? INDENT + line : line.replace(/^(?: {1,4}|\t)/, ""),
    );
    this.#source.setSelectionRange(from, until);
    this.#insert(moved.join("\n"));
    if (start === end) {
      const taken = (lines[0]?.length ?? 0) - (moved[0]?.length ?? 0);
      this.#source.setSelectionRange(Math.max(from, start - taken), Math.max(from, start - taken));
    } else {
      this.#source.setSelectionRange(from, from + moved.join("\n").length);
    }
  }

  /** Replaces the selection in a way that Undo knows about: nothing but this old command does that. */
  #insert(text: string): void {
    const done =
      text === "" ? document.execCommand("delete") : document.execCommand("insertText", false, text);
    if (done) return;
    this.#source.setRangeText(text, this.#source.selectionStart, this.#source.selectionEnd, "end");
    this.#repaint();
  }
}
