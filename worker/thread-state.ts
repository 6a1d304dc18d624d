/** Signals in the thread state that runs: what Pyodide 314.0.0 to 314.0.5 lack, and 315's alpha, which is as old. */
import type { PyodideAPI } from "pyodide";

/** 314.0.6 and later tell CPython which thread state is the main thread's whenever they change it. */
const AFFECTED: readonly string[] = [...[0, 1, 2, 3, 4, 5].map((patch) => `314.0.${patch}`), "315.0.0a2"];

/** `PyThreadState.eval_breaker`, after three pointers, and its bit for signals: the same in all of these versions. */
const EVAL_BREAKER_OFFSET = 12;
const SIGNALS_PENDING = 1 << 1;

/** What Pyodide's module has of CPython's C API, and its memory. */
interface PythonModule {
  readonly HEAPU32: Uint32Array;
  _PyThreadState_GetUnchecked(): number;
}

/**
 * What has to be called when Python reads a signal, or undefined where nothing has.
 *
 * CPython asks the thread state with which it was started to handle a signal. Pyodide gives each stack that can be suspended
 * one of its own (314.0.5), or the event loop another one while a stack is suspended (the others): in these a signal was taken
 * and not handled. So the one that runs is asked as well.
 */
export function signalAttention(pyodide: PyodideAPI): (() => void) | undefined {
  if (!AFFECTED.includes(pyodide.version)) return undefined;
  const module = (pyodide as unknown as { _module: PythonModule })._module;
  return () => {
    const state = module._PyThreadState_GetUnchecked();
    if (state === 0) return;
    const index = (state + EVAL_BREAKER_OFFSET) >>> 2;
    // A view of now: Pyodide makes new ones when its memory grows.
    const memory = module.HEAPU32;
    memory[index] = (memory[index] ?? 0) | SIGNALS_PENDING;
  };
}
