import { loadPyodide } from "pyodide";
import { beforeAll, describe, expect, it } from "vitest";
import type { OpenMode } from "../shim/openssl/index.ts";
import { PyodideFiles } from "./pyodide-files.ts";

const READ: OpenMode = {
  read: true,
  write: false,
  append: false,
  create: false,
  truncate: false,
  exclusive: false,
};
const CREATE: OpenMode = { ...READ, write: true, create: true, truncate: true };

let files: PyodideFiles;
beforeAll(async () => {
  const pyodide = await loadPyodide();
  pyodide.FS.mkdirTree("/test/folder");
  pyodide.FS.chdir("/test");
  pyodide.mountNodeFS("/host", import.meta.dirname);
  files = new PyodideFiles(pyodide);
});

function content(path: string): string {
  const descriptor = files.open(path, READ) as number;
  // As OpenSSL's memory: a view that does not start where its buffer does.
  const target = new Uint8Array(1000).subarray(100, 200);
  const count = files.read(descriptor, target) as number;
  expect(files.close(descriptor)).toBeUndefined();
  return new TextDecoder().decode(target.subarray(0, count));
}

describe("PyodideFiles", () => {
  it("writes, appends, seeks and reads", () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(`..${text}`).subarray(2);
    const written = files.open("/test/file", CREATE) as number;
    expect(files.write(written, bytes("hello"))).toBe(5);
    expect(files.seek(written, -2, "end")).toBe(3);
    expect(files.write(written, bytes("p!"))).toBe(2);
    expect(files.close(written)).toBeUndefined();
    const appended = files.open("/test/file", { ...CREATE, truncate: false, append: true }) as number;
    expect(files.write(appended, bytes(" more"))).toBe(5);
    files.close(appended);
    expect(content("/test/file")).toBe("help! more");
    expect(files.stat("/test/file")).toMatchObject({ kind: "file", byteLength: 10 });
  });

  it("reads a mounted folder of the host's into the place that was asked for", () => {
    expect(content("/host/pyodide-files.test.ts")).toMatch(/^import \{ loadPyodide \}/);
  });

  it("tells directories, and the current one", () => {
    expect(files.currentDirectory()).toBe("/test");
    expect(files.stat("/test/folder")).toMatchObject({ kind: "directory" });
  });

  it("answers failures by their errno's name", () => {
    expect(files.open("/test/missing", READ)).toBe("ENOENT");
    expect(files.stat("/test/missing")).toBe("ENOENT");
    expect(files.open("/test/folder", CREATE)).toBe("EISDIR");
    expect(files.close(12345)).toBe("EBADF");
    expect(files.read(12345, new Uint8Array(1))).toBe("EBADF");
  });
});
