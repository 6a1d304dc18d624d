/** A command-line TLS program: what is written to its input goes over the connection, what arrives is in its output. */
import { type ChildProcess, spawn } from "node:child_process";

/** No step of a cell takes longer, unless it hangs. */
const DEADLINE_MS = 60_000;
/** How long a program may take to end after SIGTERM before it is killed. */
const STOP_DEADLINE_MS = 3000;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export class Tool implements AsyncDisposable {
  /** Fulfilled when the program has ended and all its output is read. */
  readonly ended: Promise<void>;
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();
  #output = "";
  #isOver = false;

  /** @param command a program on the PATH, or in the system's sbin folders */
  constructor(
    command: string,
    parameters: readonly string[],
    options: { readonly environment?: Readonly<Record<string, string>>; readonly folder?: string } = {},
  ) {
    this.#name = command;
    const env = {
      PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`,
      // What the machine's administrator configured is not what is tested.
      OPENSSL_CONF: "/dev/null",
      LC_ALL: "C",
      HOME: "/nonexistent",
      ...options.environment,
    };
    // Both streams are one pipe: with two, a program's error may arrive before the line it printed ahead of it.
    this.#child = spawn("sh", ["-c", 'exec "$@" 2>&1', "sh", command, ...parameters], {
      env,
      cwd: options.folder,
      stdio: ["pipe", "pipe", "ignore"],
    });
    const child = this.#child;
    running.add(child);
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
      this.#tell();
    });
    // A program that ended does not read what is left of its input.
    child.stdin?.on("error", () => {});
    this.ended = new Promise((resolve) => {
      const over = (): void => {
        running.delete(child);
        this.#isOver = true;
        resolve();
        this.#tell();
      };
      child.once("close", over);
      child.once("error", (error) => {
        this.#output += `${error.message}\n`;
        over();
      });
    });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** All that the program printed so far, on both streams. */
  get output(): string {
    return this.#output;
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  /**
   * Waits until `find` answers something else than undefined.
   * @throws {ToolError} the program ended first, or the deadline passed
   */
  until<T>(what: string, find: (output: string) => T | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (how: () => void): void => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        how();
      };
      const fail = (problem: string): void =>
        settle(() => reject(new ToolError(`${this.#name} ${problem} before: ${what}`, this.#output)));
      const look = (): void => {
        const found = find(this.#output);
        if (found !== undefined) settle(() => resolve(found));
        else if (this.#isOver) fail("ended");
      };
      const timer = setTimeout(() => fail(`did not get on in ${DEADLINE_MS} ms`), DEADLINE_MS);
      this.#listeners.add(look);
      look();
    });
  }

  /** As {@link until}, for a text that is to appear. */
  untilText(text: string): Promise<true> {
    return this.until(JSON.stringify(text), (output) => (output.includes(text) ? true : undefined));
  }

  /** Waits for the program's own end. */
  async end(): Promise<void> {
    await this.until("its end", () => (this.#isOver ? true : undefined));
  }

  /** Ends the program: asks, then kills. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver) return;
    this.#child.kill("SIGTERM");
    const killer = setTimeout(() => this.#child.kill("SIGKILL"), STOP_DEADLINE_MS);
    await this.ended;
    clearTimeout(killer);
  }
}

/** A program did not do what it should have; `output` is all that it printed. */
export class ToolError extends Error {
  override readonly name = "ToolError";
  readonly output: string;

  constructor(message: string, output: string) {
    super(message);
    this.output = output;
  }

  /** What the program itself says of the failure. */
  get saying(): string {
    const lines = this.output.split("\n").filter((line) => /error|alert|fail|fatal|not trusted/i.test(line));
    return [...lines, this.message, ...(lines.length === 0 ? [this.output] : [])].join("\n");
  }
}

/** A program's first line, to say which version it is; undefined when it is not installed. */
export async function versionOf(command: string, parameters: readonly string[]): Promise<string | undefined> {
  await using tool = new Tool(command, parameters);
  await tool.ended;
  return /\d+\.\d+[.\d]*/.exec(tool.output)?.[0];
}
