/** Server processes that tests start: known to be ready before use, known to be gone afterwards. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** How long a server may take until it accepts connections. */
const READY_DEADLINE_MS = 15_000;
/** How long a server may take to end after SIGTERM before it is killed. */
const STOP_DEADLINE_MS = 3_000;
const POLL_MS = 20;

/** A server that a test talks to, on 127.0.0.1. */
export interface Peer extends AsyncDisposable {
  readonly port: number;
  /** Ends the server and its connections. Idempotent. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A port of 127.0.0.1 that was free a moment ago, for servers that can't choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** A started process with what it printed. */
export class ServerProcess {
  readonly child: ChildProcess;
  #output = "";
  #failure: Error | undefined;

  /**
   * @param command a program on the PATH, or in the system's sbin folders
   * @param parameters its arguments
   */
  constructor(command: string, parameters: readonly string[]) {
    // A server's own configuration of TLS comes from its arguments alone.
    const env = {
      PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`,
      OPENSSL_CONF: "/dev/null",
      LC_ALL: "C",
    };
    this.child = spawn(command, parameters, { env, stdio: ["pipe", "pipe", "pipe"] });
    running.add(this.child);
    this.child.once("exit", () => running.delete(this.child));
    this.child.once("error", (error) => {
      running.delete(this.child);
      this.#failure = error;
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    }
  }

  /** All that the process printed so far. */
  get output(): string {
    return this.#output;
  }

  /**
   * Waits until `isReady` answers something else than undefined.
   * @throws when the process ends or fails first, or the deadline passes; with its output
   */
  async untilReady<T>(isReady: (output: string) => T | undefined | Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + READY_DEADLINE_MS;
    for (;;) {
      const answer = await isReady(this.#output);
      if (answer !== undefined) return answer;
      const problem =
        this.#failure?.message ??
        (this.child.exitCode !== null ? `ended with ${this.child.exitCode}` : undefined) ??
        (Date.now() > deadline ? "was not ready in time" : undefined);
      if (problem !== undefined) {
        await this.stop();
        throw new Error(`${this.child.spawnfile} ${problem}\n${this.#output}`);
      }
      await delay(POLL_MS);
    }
  }

  /** Ends the process: asks, then kills. Answers when it is gone. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    const killer = setTimeout(() => child.kill("SIGKILL"), STOP_DEADLINE_MS);
    await gone;
    clearTimeout(killer);
  }
}

/** Whether something accepts connections on a port of 127.0.0.1. */
export async function accepts(port: number): Promise<true | undefined> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}
