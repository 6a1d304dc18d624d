/** docs/interoperability.md: made from the matrix, written after a run without failure, compared in every test run. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../vendor/cache.ts";
import { FEATURES } from "./features.ts";
import { CELLS, type Cell, COLUMNS, PEERS } from "./matrix.ts";
import type { PythonSide } from "./python-side.ts";
import type { Side } from "./settings.ts";

const FILE = join(ROOT, "docs", "interoperability.md");

/** The paragraph that differs from machine to machine. */
const VERSIONS = /^Versions of the run: .*$/m;

const HEAD = `# Interoperability

Python's \`ssl\` as pyodide-ssl provides it, against other implementations of TLS on the same machine, in both directions. Made
from the matrix in [conformance/interop](../conformance/interop) by \`npm run interop -- --write-docs\`; \`npm test\` runs every
cell and fails when this page is not what the matrix says.

✓ both ends saw what they should: the connection, what was sent over it, and the fact in question (resumption, protocol,
name in the client certificate, messages of the handshake); for what must be refused, the right error at one end and the
right alert at the other. A number is the reason why there is nothing to test.
`;

/** The reasons for cells that are not run, numbered in order of first use. */
class Notes {
  readonly #notes: string[] = [];

  numberOf(note: string): number {
    const known = this.#notes.indexOf(note);
    return known >= 0 ? known + 1 : this.#notes.push(note);
  }

  list(): string {
    return this.#notes.map((note, index) => `${index + 1}. ${note}`).join("\n");
  }
}

function tableOf(peerSide: Side, notes: Notes): string {
  const peers = COLUMNS.filter((column) => column.peerSide === peerSide).map(({ peer }) => peer);
  const textOf = ({ lacks, peer }: Cell): string =>
    lacks === undefined ? "✓" : String(notes.numberOf(`${peer.title}: ${lacks}`));
  const rows = FEATURES.map((feature) => {
    const cells = CELLS.filter((cell) => cell.feature === feature && cell.peerSide === peerSide);
    return `| ${feature.title} | ${cells.map(textOf).join(" | ")} |`;
  });
  return [
    `| | ${peers.map(({ title }) => title).join(" | ")} |`,
    `|---|${"---|".repeat(peers.length)}`,
    ...rows,
  ].join("\n");
}

/** How refusals of some peers differ from what most say. */
function differences(): string {
  return PEERS.flatMap(({ title, differs }) =>
    [...new Set(Object.values(differs ?? {}).map(({ why }) => why))].map((why) => {
      const entries = Object.entries(differs ?? {}).filter(([, difference]) => difference.why === why);
      return `- ${title} (${entries.map(([cell]) => `\`${cell}\``).join(", ")}): ${why}.`;
    }),
  ).join("\n");
}

function render(versions: string): string {
  const notes = new Notes();
  const asClient = tableOf("server", notes);
  const asServer = tableOf("client", notes);
  return `${HEAD}
Versions of the run: ${versions}

## Python as the client

${asClient}

## Python as the server

On Node's listening sockets, which the machine's other programs connect to.

${asServer}

## Not applicable

${notes.list()}

Key updates are tested as far as a peer begins them: CPython's \`ssl\` has no call for it.

## Refusals that differ

In these cells the connection is refused as it must be, but an end says it in another way than the rest.

${differences()}
`;
}

/** Writes the page. @param python versions of Python's side */
export async function writeTable(python: PythonSide["versions"]): Promise<void> {
  const peers = await Promise.all(PEERS.map(async (peer) => `${peer.title} ${await peer.version()}`));
  const here = `Pyodide ${python.pyodide}, ${python.openssl}`;
  writeFileSync(FILE, render(`${peers.join(", ")}; here ${here}`));
}

/** Whether the page is what the matrix says. */
export function isTableFresh(): boolean {
  const page = readFileSync(FILE, "utf8");
  return page.replace(VERSIONS, "") === render("").replace(VERSIONS, "");
}
