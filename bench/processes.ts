/** The contestants that are processes: this package on Node, and native CPython. */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { NativePython } from "../vendor/native-python.ts";
import type { Contestant, Measurement, Origin, Session } from "./contestant.ts";

/** Ends a process and answers when it is gone. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** A session over a process that answers one call after another. */
async function openSession(
  child: ChildProcess,
  origin: Origin,
  call: (what: Measurement, origin: Origin, count?: number) => Promise<number>,
  startedAt: number,
): Promise<Session> {
  try {
    await call("first_response", origin);
  } catch (error) {
    await end(child);
    throw error;
  }
  const startupMs = performance.now() - startedAt;
  return { startupMs, measure: call, [Symbol.asyncDispose]: () => end(child) };
}

/** Rejects when the process ends before it answered. */
function lost(child: ChildProcess, name: string): Promise<never> {
  return once(child, "exit").then(([code]) => {
    throw new Error(`${name} ended with ${String(code)}`);
  });
}

/** This package on Node, over TCP. */
export const oursOnNode: Contestant = {
  name: "ours, Node",
  about: `this package's createPython() on Node ${process.versions.node}, over TCP; start-up from process start`,
  isPlain: false,
  async open(origin) {
    const startedAt = performance.now();
    const child = fork(join(import.meta.dirname, "node-client.ts"), {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const gone = lost(child, "Node");
    gone.catch(() => {});
    await Promise.race([once(child, "message"), gone]);
    return openSession(
      child,
      origin,
      async (what, { port, caFile }, count) => {
        child.send({ what, port, ca: caFile, ...(count === undefined ? {} : { count }) });
        const [reply] = (await Promise.race([once(child, "message"), gone])) as [
          { seconds: number } | { error: string },
        ];
        if ("error" in reply) throw new Error(reply.error);
        return reply.seconds;
      },
      startedAt,
    );
  },
};

/** Native CPython with its own OpenSSL. */
export function nativeContestant(python: NativePython, versions: string): Contestant {
  return {
    name: "native CPython",
    about: `${versions}, over TCP; start-up from process start`,
    isPlain: false,
    async open(origin) {
      const startedAt = performance.now();
      const script = join(import.meta.dirname, "native_client.py");
      const child = spawn(python.command, [...python.args, script], {
        env: python.env,
        stdio: ["pipe", "pipe", "inherit"],
      });
      const gone = lost(child, "CPython");
      gone.catch(() => {});
      const lines = createInterface({ input: child.stdout });
      return openSession(
        child,
        origin,
        async (what, { port, caFile }, count) => {
          const line = once(lines, "line");
          child.stdin.write(`${[what, port, caFile, ...(count === undefined ? [] : [count])].join("\t")}\n`);
          const [seconds] = (await Promise.race([line, gone])) as [string];
          return Number(seconds);
        },
        startedAt,
      );
    },
  };
}
