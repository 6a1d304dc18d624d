/**
 * Node's own modules for what runs in browsers too: asked of the process, so that no bundle has an import that browsers lack,
 * and there at once, so that Python's calls need not wait.
 */

interface NodeProcess {
  readonly versions?: { readonly node?: string };
  getBuiltinModule?(name: string): unknown;
}

function builtin<T>(name: string): T | undefined {
  const { process } = globalThis as { process?: NodeProcess };
  if (process?.versions?.node === undefined) return undefined;
  return process.getBuiltinModule?.(name) as T | undefined;
}

/** Whether this is Node, where files can be read in the middle of a call. */
export function isNode(): boolean {
  return builtin("node:fs") !== undefined;
}

/** Reads a whole file by its `file:` address. @throws what Node throws, and where this is not Node */
export function readFileNow(url: string): Uint8Array<ArrayBuffer> {
  const fs = builtin<{ readFileSync(url: URL): Uint8Array<ArrayBuffer> }>("node:fs");
  if (fs === undefined) throw new Error("only Node reads files");
  return new Uint8Array(fs.readFileSync(new URL(url)));
}

/** The hash of bytes as subresource integrity writes it, with the algorithm that `like` has; undefined where this is not Node. */
export function digestNow(bytes: Uint8Array, like: string): string | undefined {
  const crypto = builtin<{
    createHash(name: string): { update(bytes: Uint8Array): { digest(encoding: "base64"): string } };
  }>("node:crypto");
  const [algorithm = ""] = like.split("-", 1);
  const digest = crypto?.createHash(algorithm).update(bytes).digest("base64");
  return digest === undefined ? undefined : `${algorithm}-${digest}`;
}
