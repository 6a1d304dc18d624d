import { describe, expect, test } from "vitest";
import { createPython, PythonStartError } from "./index.node.ts";
import { PROTOCOL } from "./protocol.ts";

/** A worker script of a few lines, as a URL. `say` sends one of the worker's events. */
function script(body: string): URL {
  const source = `
    import { parentPort } from "node:worker_threads";
    const say = (event) => parentPort.postMessage({ event });
    ${body}`;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

/** Says hello and answers `start`; `onRun` is what it does when it is asked to run something. */
const started = (onRun: string): URL =>
  script(`
    say({ type: "hello", protocol: ${PROTOCOL} });
    parentPort.on("message", ({ call }) => {
      if (call?.path?.[0] === "start") {
        parentPort.postMessage({ call: { id: call.id, type: "RAW", value: { value: {} } } });
      } else if (call?.path?.[0] === "run") { ${onRun} }
    });`);

describe("createPython() rejects, and leaves no worker, when", () => {
  test.each([
    ["the worker script is not there", new URL("file:///nowhere/worker.js"), "worker"],
    ["the worker script throws", script("throw new Error('bad day');"), "worker"],
    ["the worker ends by itself", script("process.exit(3);"), "worker"],
    [
      "the worker is of another version",
      script(`say({ type: "hello", protocol: -1 }); setInterval(() => {}, 1e6);`),
      "worker",
    ],
    [
      "the worker ends while Python starts",
      script(
        `say({ type: "hello", protocol: ${PROTOCOL} }); parentPort.once("message", () => process.exit(4));`,
      ),
      "worker",
    ],
  ])("%s", async (_title, workerUrl, stage) => {
    const error = await createPython({ workerUrl }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PythonStartError);
    expect(error).toMatchObject({ code: "START_FAILED", stage });
  });
});

describe("a call in flight is rejected when", () => {
  test("the worker thread ends", async () => {
    const python = await createPython({ workerUrl: started("process.exit(5);") });
    await expect(python.run("")).rejects.toMatchObject({ code: "WORKER_LOST", reason: "exited" });
    await expect(python.run("")).rejects.toMatchObject({ code: "WORKER_LOST", reason: "exited" });
    await expect(python.files.list("/")).rejects.toMatchObject({ code: "WORKER_LOST" });
    expect((await python.closed).reason).toBe("exited");
  });

  test("an error in the worker ends it; the error is the cause", async () => {
    const python = await createPython({ workerUrl: started("throw new RangeError('out of memory');") });
    await expect(python.run("")).rejects.toMatchObject({
      code: "WORKER_LOST",
      reason: "crashed",
      cause: { message: "out of memory" },
    });
  });

  test("the worker says that Python broke down, and the worker is ended", async () => {
    const fatal = `say({ type: "fatal", error: { kind: "error", name: "RuntimeError", message: "unreachable" } });`;
    const python = await createPython({ workerUrl: started(fatal) });
    await expect(python.run("")).rejects.toMatchObject({
      reason: "crashed",
      cause: { message: "unreachable" },
    });
  });

  test("the owner terminates it, even while it never listens", async () => {
    const python = await createPython({ workerUrl: started("for (;;);") });
    const call = expect(python.run("")).rejects.toMatchObject({ code: "WORKER_LOST", reason: "terminated" });
    await python.terminate();
    await call;
    python.interrupt();
    await python.terminate();
  });
});

test("the streams of a worker end with it, and keep what came before", async () => {
  const python = await createPython({
    workerUrl: started(`say({ type: "stdout", text: "last words" }); process.exit(0);`),
  });
  const { stdout } = python;
  await expect(python.run("")).rejects.toMatchObject({ code: "WORKER_LOST" });
  expect(await Array.fromAsync(stdout)).toEqual(["last words"]);
});
