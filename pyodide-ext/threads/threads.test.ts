import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InstalledPython, installedPython } from "../installed.fixture.ts";

let python: InstalledPython;

// What a program may have done before the installation: everything that it holds is to know of threads afterwards.
const BEFORE = `
import logging, threading, queue, time
from queue import SimpleQueue as EarlySimpleQueue
from threading import Lock as EarlyLock, current_thread as early_current_thread
from time import sleep as early_sleep
early_lock = threading.Lock()
early_rlock = threading.RLock()
class EarlyThread(threading.Thread):
    def run(self):
        self.seen = threading.current_thread().name
early_main = threading.main_thread()
logging.basicConfig()
`;

beforeAll(async () => {
  python = await installedPython({ transport: null }, BEFORE);
}, 180_000);

afterAll(() => python[Symbol.dispose]());

const ended = async (code: string): Promise<unknown> =>
  python.run(`import queue, sys, threading, time, _thread\n${code}`);

describe("threads", () => {
  it("run while others wait, each with its own identity and name", async () => {
    expect(
      await ended(`
seen = []
go = threading.Event()
def work(number):
    go.wait()
    seen.append((threading.current_thread().name, threading.get_ident() == threading.current_thread().ident))
threads = [threading.Thread(target=work, args=(n,), name=f"worker {n}") for n in range(3)]
for t in threads: t.start()
alive = [t.is_alive() for t in threads]
go.set()
for t in threads: t.join()
[sorted(seen), alive, [t.is_alive() for t in threads], len({t.ident for t in threads}), threading.current_thread() is threading.main_thread()]`),
    ).toEqual([
      [0, 1, 2].map((n) => [`worker ${n}`, true]),
      [true, true, true],
      [false, false, false],
      3,
      true,
    ]);
  });

  it("have attributes of their own, and __init__ of a derived local runs once in each", async () => {
    expect(
      await ended(`
calls = []
class Mine(threading.local):
    def __init__(self, value):
        calls.append(threading.current_thread().name)
        self.value = value
mine = Mine(5)
mine.value = 6
seen = []
def work():
    seen.append(mine.value)
    mine.value = 7
    time.sleep(0.001)
    seen.append(mine.value)
t = threading.Thread(target=work, name="other"); t.start(); t.join()
[seen, mine.value, calls]`),
    ).toEqual([[5, 7], 6, ["MainThread", "other"]]);
  });

  it("tell of uncaught exceptions through threading.excepthook, and exit silently", async () => {
    expect(
      await ended(`
seen = []
hook, threading.excepthook = threading.excepthook, lambda args: seen.append(f"{args.exc_type.__name__} in {args.thread.name}")
try:
    for name, work in (("a", lambda: 1/0), ("b", lambda: sys.exit(1))):
        t = threading.Thread(target=work, name=name); t.start(); t.join()
finally:
    threading.excepthook = hook
import contextlib, io
with contextlib.redirect_stderr(io.StringIO()) as text:
    t = threading.Thread(target=sys.exit); t.start(); t.join()
[seen, text.getvalue()]`),
    ).toEqual([["ZeroDivisionError in a", "SystemExit in b"], ""]);
  });

  it("have an event loop of their own under asyncio.run", async () => {
    expect(
      await ended(`
import asyncio
main_loop = asyncio.get_event_loop()
seen = []
async def visit():
    await asyncio.sleep(0.001)
    seen.append((threading.current_thread().name, asyncio.get_running_loop() is main_loop))
    return 5
t = threading.Thread(target=lambda: seen.append(asyncio.run(visit())), name="other"); t.start(); t.join()
[seen, asyncio.get_event_loop() is main_loop]`),
    ).toEqual([[["other", false], 5], true]);
  });

  it("can't be started where Python can't be suspended, and say why", async () => {
    const text = python.pyodide.runPython(`
import threading
try:
    threading.Thread(target=print).start()
except RuntimeError as e:
    text = f"{e}|{e.__notes__[0]}|{threading.active_count()}"
text`) as string;
    expect(text).toMatch(/^can't start new thread\|.*runPythonAsync.*\|1$/);
  });

  it("give way while they take locks, so that who looks into a queue again and again gets what comes", async () => {
    expect(
      await ended(`
q = queue.Queue()
def look():
    while True:
        try: return q.get(block=False)
        except queue.Empty: pass
got = []
t = threading.Thread(target=lambda: got.append(look())); t.start()
q.put("at last"); t.join()
got`),
    ).toEqual(["at last"]);
  });

  it("leave nothing behind: neither objects of Python nor of JavaScript", async () => {
    expect(
      await ended(`
import gc, weakref
def visit():
    local = threading.local()
    local.value = threading.Lock()
    t = threading.Thread(target=lambda: setattr(local, "value", local)); t.start(); t.join()
    return weakref.ref(t), weakref.ref(local)
references = [visit() for _ in range(20)]
gc.collect()
[[r() for pair in references for r in pair if r() is not None], _thread._count(), threading.active_count()]`),
    ).toEqual([[], 0, 1]);
    expect(python.installation.liveCounts().waits).toBe(0);
  });
});

describe("locks", () => {
  it("exclude, wait with a time limit, and go to who waits longest", async () => {
    expect(
      await ended(`
lock = threading.Lock()
order = []
def work(n):
    with lock:
        order.append(n)
lock.acquire()
refused = [lock.acquire(False), lock.acquire(timeout=0.001)]
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for t in threads: t.start()
lock.release()
for t in threads: t.join()
[refused, order, lock.locked()]`),
    ).toEqual([[false, false], [0, 1, 2, 3], false]);
  });

  it("can be taken again by their owner alone when they are reentrant", async () => {
    expect(
      await ended(`
lock = threading.RLock()
seen = []
def work():
    seen.append(lock.acquire(False))
    try: lock.release()
    except RuntimeError as e: seen.append(str(e))
with lock, lock:
    t = threading.Thread(target=work); t.start(); t.join()
    seen.append(lock._recursion_count())
seen`),
    ).toEqual([false, "cannot release un-acquired lock", 2]);
  });

  it("that a waiter gave up are no one's", async () => {
    expect(
      await ended(`
from pyodide_ssl import _blocking
lock = threading.Lock(); lock.acquire()
def interrupt():
    _thread.interrupt_main()
    lock.release()
t = threading.Thread(target=interrupt); 
try:
    t.start(); lock.acquire(); outcome = "taken"
except KeyboardInterrupt:
    outcome = "interrupted"
t.join()
[outcome, lock.acquire(False)]`),
    ).toEqual(["interrupted", true]);
  });

  it("raise BlockingImpossibleError where they would block and Python can't be suspended", () => {
    const text = python.pyodide.runPython(`
import threading
from pyodide_ssl import BlockingImpossibleError
lock = threading.Lock(); lock.acquire()
try:
    lock.acquire()
except BlockingImpossibleError as e:
    text = str(e)
text`) as string;
    expect(text).toContain("Python cannot wait for a lock here");
  });
});

describe("what is built on threads", () => {
  it("queues, events, barriers and pools work unmodified", async () => {
    expect(
      await ended(`
from concurrent.futures import ThreadPoolExecutor, as_completed
with ThreadPoolExecutor(3) as pool:
    squares = list(pool.map(lambda n: (time.sleep(0.001), n * n)[1], range(6)))
    names = {pool.submit(lambda: threading.current_thread().name).result().split("_")[0]}
barrier, places = threading.Barrier(3), []
threads = [threading.Thread(target=lambda: places.append(barrier.wait())) for _ in range(3)]
for t in threads: t.start()
for t in threads: t.join()
q = queue.Queue(2)
t = threading.Thread(target=lambda: [q.put(n) for n in range(6)]); t.start()
taken = [q.get() for _ in range(6)]
t.join()
[squares, names == {"ThreadPoolExecutor-0"} or len(names), sorted(places), taken, threading.Event().wait(0.001)]`),
    ).toEqual([[0, 1, 4, 9, 16, 25], expect.anything(), [0, 1, 2], [0, 1, 2, 3, 4, 5], false]);
  });

  it("what was imported and made before the installation knows of threads", async () => {
    expect(
      await ended(`
import __main__ as m, logging
seen = []
with m.early_lock, m.early_rlock:
    t = threading.Thread(target=lambda: seen.append([m.early_lock.acquire(False), m.early_rlock.acquire(False)]))
    t.start(); t.join()
e = m.EarlyThread(name="early"); e.start(); e.join()
[seen, e.seen, isinstance(m.early_lock, threading.Lock), m.EarlyLock is threading.Lock, m.early_sleep is time.sleep,
 m.EarlySimpleQueue is queue.SimpleQueue, m.early_current_thread is threading.current_thread,
 type(logging._lock) is type(threading.RLock())]`),
    ).toEqual([[[false, false]], "early", true, true, true, true, true, true]);
  });
});

describe("garbage collection", () => {
  /** Runs the stress test in a process of its own: how it ended. */
  async function stress(...args: string[]): Promise<{ code: number | null; output: string }> {
    const script = fileURLToPath(new URL("stress.fixture.ts", import.meta.url));
    const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += String(chunk).slice(0, 500)));
    const [code] = (await once(child, "close")) as [number | null];
    return { code, output };
  }

  it("goes on while 24 stacks are suspended, without a crash", { timeout: 200_000 }, async () => {
    const { code, output } = await stress("--turns", "10");
    expect(code, output).toBe(0);
    expect(output).toMatch(/24 stacks.*\d+ collections/);
  });

  it("would crash Pyodide if CPython began it by itself, which is why it does not", {
    timeout: 400_000,
  }, async (context) => {
    if (!/^314\.0\.[0-7]$/.test(python.pyodide.version)) context.skip("this Pyodide does not crash");
    const { code, output } = await stress("--turns", "400", "--without-guard");
    expect(code, output).toBe(3);
    expect(output).toContain("crashed: RuntimeError: ");
  });

  it("is the program's to switch, also meanwhile", async () => {
    expect(
      await ended(`
import gc
ready, go = threading.Event(), threading.Event()
seen = []
def work():
    ready.set(); go.wait()
t = threading.Thread(target=work); t.start(); ready.wait()
seen.append(gc.isenabled()); gc.disable(); seen.append(gc.isenabled())
go.set(); t.join()
seen.append(gc.isenabled()); gc.enable(); seen.append(gc.isenabled())
seen`),
    ).toEqual([true, false, false, true]);
  });
});
