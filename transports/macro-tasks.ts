/** Letting JavaScript's event loop turn: network events, timers and messages are served before the next macro task. */

/** Macro tasks without the delay that hosts put on timers. */
export class MacroTasks {
  readonly #waiting: (() => void)[] = [];
  #channel: MessageChannel | undefined;

  /** Settles in a macro task of its own. */
  turn(): Promise<void> {
    return new Promise((resolve) => this.run(resolve));
  }

  /** Calls `task` in a macro task of its own. */
  run(task: () => void): void {
    const { setImmediate } = globalThis as { setImmediate?: (task: () => void) => unknown };
    if (setImmediate !== undefined) {
      setImmediate(task);
      return;
    }
    this.#channel ??= this.#open();
    this.#waiting.push(task);
    this.#channel.port2.postMessage(0);
  }

  dispose(): void {
    this.#channel?.port1.close();
    this.#channel = undefined;
    // Who waits must not wait for ever.
    for (const task of this.#waiting.splice(0)) task();
  }

  #open(): MessageChannel {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => this.#waiting.shift()?.();
    return channel;
  }
}
