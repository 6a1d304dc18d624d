/** A started worker as its owner holds it, whichever kind it is, and how to start one. */
import type { Port } from "./channel.ts";

/** How a worker ended without being asked to. */
export interface WorkerEnd {
  readonly reason: "exited" | "crashed";
  readonly message: string;
  readonly cause?: unknown;
}

/** The owner's end of a worker. */
export interface WorkerHandle extends Port {
  /** Tells, at most once, that the worker is gone, or that its script could not be loaded. Not after `terminate`. */
  onEnd(listener: (end: WorkerEnd) => void): void;
  /** Ends the worker at once. */
  terminate(): Promise<void>;
}

/** What the page and Node do differently to own a worker. */
export interface OwnerPlatform {
  /** Starts the worker script. Throws when that is refused outright. */
  startWorker(url: URL): WorkerHandle;
  /** The worker script of this build. */
  readonly workerUrl: URL;
  /** What relative URLs are relative to. */
  readonly baseUrl: string;
  /** A byte that both sides see, where memory can be shared. */
  sharedByte(): SharedArrayBuffer | undefined;
  /** Where Python's output goes when nobody asked for it. */
  print(stream: "stdout" | "stderr", text: string): void;
}
