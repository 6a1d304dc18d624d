/** One of Python's output streams at the owner's end: a callback, a stream, or the console. */

/** Hands text to whoever wants it: the callback and the stream; nobody there, to the console. */
export class OutputTap {
  readonly #callback: ((text: string) => void) | undefined;
  readonly #print: (text: string) => void;
  #stream: ReadableStream<string> | undefined;
  #controller: ReadableStreamDefaultController<string> | undefined;
  #isEnded = false;

  /**
   * @param callback the option that the user gave, if any
   * @param print what to do with text when there is no callback and no stream
   */
  constructor(callback: ((text: string) => void) | undefined, print: (text: string) => void) {
    this.#callback = callback;
    this.#print = print;
  }

  /** What is written from the first use of this property on. Text is kept until it is read. */
  get stream(): ReadableStream<string> {
    this.#stream ??= new ReadableStream<string>({
      start: (controller) => {
        if (this.#isEnded) controller.close();
        else this.#controller = controller;
      },
      cancel: () => {
        this.#controller = undefined;
      },
    });
    return this.#stream;
  }

  write(text: string): void {
    this.#callback?.(text);
    this.#controller?.enqueue(text);
    if (this.#callback === undefined && this.#stream === undefined) this.#print(text);
  }

  end(): void {
    this.#isEnded = true;
    this.#controller?.close();
    this.#controller = undefined;
  }
}
