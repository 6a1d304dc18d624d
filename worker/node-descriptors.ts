/** The process's own standard streams for Python, by blocking calls as in a native interpreter. */
import { readSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import type { Descriptors } from "./platform.ts";

/** How long to wait before trying again on a descriptor that someone made non-blocking. */
const RETRY_MS = 2;
const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** Does a system call that would block natively: on a non-blocking descriptor it is tried until it has its way. */
function blocking<T>(call: () => T): T {
  for (;;) {
    try {
      return call();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EAGAIN" && code !== "EINTR") throw error;
      Atomics.wait(NEVER, 0, 0, RETRY_MS);
    }
  }
}

export const nodeDescriptors: Descriptors = {
  isTerminal: (fd) => isatty(fd),
  write(fd, bytes) {
    let written = 0;
    while (written < bytes.length) written += blocking(() => writeSync(fd, bytes, written));
    return written;
  },
  read(fd, buffer) {
    try {
      return blocking(() => readSync(fd, buffer));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EOF") return 0; // Windows' closed pipe
      throw error;
    }
  },
};
