/** The host's file system inside Python, as Pyodide's own command line mounts it. */
import { readdirSync } from "node:fs";
import type { PyodideAPI } from "pyodide";

/** Folders that Python has of its own. */
const OWN_FOLDERS = new Set(["dev", "lib", "proc"]);

interface MountingFileSystem {
  readonly filesystems: { readonly NODEFS: unknown };
  mkdirTree(path: string): void;
  mount(type: unknown, options: { root: string }, mountpoint: string): void;
  chdir(path: string): void;
}

/** Mounts every folder below the host's root in its place and changes to the host's working directory. */
export function mountHostFolders(pyodide: PyodideAPI): void {
  const fs = pyodide.FS as unknown as MountingFileSystem;
  for (const entry of readdirSync("/", { withFileTypes: true })) {
    if (OWN_FOLDERS.has(entry.name) || !(entry.isDirectory() || entry.isSymbolicLink())) continue;
    const path = `/${entry.name}`;
    try {
      fs.mkdirTree(path);
      fs.mount(fs.filesystems.NODEFS, { root: path }, path);
    } catch {
      // A link to nowhere or a folder that may not be read: Python sees it empty.
    }
  }
  fs.chdir(process.cwd());
}
