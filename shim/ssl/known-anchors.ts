/** Certificates whose subjects are known before they are parsed. */

/** A certificate as it stands in a PEM file. */
export interface KnownAnchor {
  /** With its first and last line. */
  readonly pem: string;
  /** `X509_subject_name_hash`. */
  readonly subjectHash: number;
}

/** What a PEM file holds. */
export interface AnchorFile {
  readonly known: readonly KnownAnchor[];
  /** The other certificates. */
  readonly unknown: readonly string[];
}

const CERTIFICATE = /^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----$/gm;
const KNOWN = new RegExp(`^# subject hash ([0-9a-f]{8})\n(${CERTIFICATE.source.slice(1)})`, "gm");
const BEGIN = "-----BEGIN ";

/** The trust anchors that come with the package. */
export class KnownAnchors {
  /** By their text, to the letter: who writes the same certificate otherwise has it parsed at once. */
  #anchors: Map<string, KnownAnchor> | undefined;
  readonly #roots: string;

  /** @param roots PEM text, with a comment before each certificate that tells its subject's hash (`scripts/assets.ts`) */
  constructor(roots: string) {
    this.#roots = roots;
  }

  /**
   * Takes a PEM file apart.
   * @returns undefined for a file that OpenSSL is to read itself: none of its certificates is known, or it holds other things
   */
  take(content: Uint8Array): AnchorFile | undefined {
    this.#anchors ??= read(this.#roots);
    if (this.#anchors.size === 0) return undefined;
    const text = new TextDecoder().decode(content);
    const known = new Map<string, KnownAnchor>();
    const unknown: string[] = [];
    let blocks = 0;
    for (const [pem] of text.matchAll(CERTIFICATE)) {
      blocks++;
      const anchor = this.#anchors.get(pem);
      if (anchor === undefined) unknown.push(pem);
      else known.set(pem, anchor);
    }
    const isPlain = blocks > 0 && text.split(BEGIN).length - 1 === blocks;
    return isPlain && known.size > 0 ? { known: [...known.values()], unknown } : undefined;
  }
}

function read(roots: string): Map<string, KnownAnchor> {
  const found = Array.from(roots.matchAll(KNOWN), ([, hash = "", pem = ""]) => ({
    pem,
    subjectHash: Number.parseInt(hash, 16),
  }));
  return new Map(found.map((anchor) => [anchor.pem, anchor]));
}
