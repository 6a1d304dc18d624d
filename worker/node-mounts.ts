/** The host's file system inside Python, as Pyodide's own command line mounts it. */
import { readdirSync } from "node:fs";
import type { PyodideAPI } from "pyodide";

/** Folders that Python has of its own. */
const OWN_FOLDERS = new Set(["dev", "lib", "proc"]);

/** Where `install()` put Mozilla's roots, and where they are kept when the host's `/etc` comes over them. */
const ROOTS_FILE = "/etc/ssl/cert.pem";
const KEPT_ROOTS_FILE = "/lib/pyodide-ssl/cert.pem";

interface MountingFileSystem {
  readonly filesystems: { readonly NODEFS: unknown };
  mkdirTree(path: string): void;
  mount(type: unknown, options: { root: string }, mountpoint: string): void;
  chdir(path: string): void;
  readFile(path: string): Uint8Array;
  writeFile(path: string, data: Uint8Array): void;
}

/** Mounts every folder below the host's root in its place and changes to the host's working directory. */
export function mountHostFolders(pyodide: PyodideAPI): void {
  const fs = pyodide.FS as unknown as MountingFileSystem;
  fs.mkdirTree("/lib/pyodide-ssl");
  fs.writeFile(KEPT_ROOTS_FILE, fs.readFile(ROOTS_FILE));
  for (const entry of readdirSync("/", { withFileTypes: true })) {
    if (OWN_FOLDERS.has(entry.name) || !(entry.isDirectory() || entry.isSymbolicLink())) continue;
    mount(fs, `/${entry.name}`);
  }
  fs.chdir(process.cwd());
  // The roots are the package's and not the machine's, unless the environment says otherwise.
  pyodide.runPython(`
import os
for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
    os.environ.setdefault(name, "${KEPT_ROOTS_FILE}")
del os, name
`);
}

function mount(fs: MountingFileSystem, path: string): void {
  try {
    fs.mkdirTree(path);
    fs.mount(fs.filesystems.NODEFS, { root: path }, path);
  } catch {
    // A link to nowhere or a folder that may not be read: Python sees it empty.
  }
}
