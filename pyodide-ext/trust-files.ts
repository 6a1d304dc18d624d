/** The files of certificates in Pyodide's file system that OpenSSL, requests and certifi look for. */

import type { PyodideLike } from "./pyodide-like.ts";
import { writeFile } from "./python-tree.ts";

/** Where OpenSSL looks, and where Debian's certifi does. */
const ROOTS_FILES = ["/etc/ssl/cert.pem", "/etc/ssl/certs/ca-certificates.crt"];

/** Roots and the authorities that were given. Below `/lib`, which stays Python's own where the host's `/etc` is mounted. */
export const BUNDLE_FILE = "/lib/pyodide-ssl/ca-bundle.pem";

/** What the files hold until the roots are there: who only asks whether they exist gets the answer of later. */
const NOT_YET = "# Mozilla's root certificates are written here when TLS is used for the first time.\n";

/** One interpreter's trust store. */
export class TrustFiles {
  readonly #pyodide: PyodideLike;
  readonly #ca: readonly string[] | undefined;
  #areComplete = false;

  /** @param ca PEM texts of the authorities to trust besides Mozilla's */
  constructor(pyodide: PyodideLike, ca: string | readonly string[] | undefined) {
    this.#pyodide = pyodide;
    this.#ca = ca === undefined ? undefined : [ca].flat();
  }

  /** The bundle's path for `SSL_CERT_FILE`, or "" when Mozilla's roots are all. */
  get bundle(): string {
    return this.#ca === undefined ? "" : BUNDLE_FILE;
  }

  /** Puts the files there. Call it when Python starts. */
  write(roots: string | undefined): void {
    this.#writeRoots(ROOTS_FILES, roots ?? NOT_YET);
    if (this.#ca !== undefined) this.#writeBundle(roots ?? NOT_YET);
    this.#areComplete = roots !== undefined;
  }

  /** Puts the roots into the files, but where a program has put something of its own in between. */
  complete(roots: string): void {
    if (this.#areComplete) return;
    this.#areComplete = true;
    const { FS } = this.#pyodide;
    const isOurs = (path: string) =>
      FS.analyzePath(path).exists && new TextDecoder().decode(FS.readFile(path)) === NOT_YET;
    this.#writeRoots(ROOTS_FILES.filter(isOurs), roots);
    if (this.#ca !== undefined) this.#writeBundle(roots);
  }

  #writeRoots(paths: readonly string[], text: string): void {
    const bytes = new TextEncoder().encode(text);
    paths.forEach((path, index) => {
      writeFile(this.#pyodide, path, bytes, new Set(), index === paths.length - 1);
    });
  }

  #writeBundle(roots: string): void {
    writeFile(this.#pyodide, BUNDLE_FILE, [roots, ...(this.#ca ?? [])].join("\n"));
  }
}
