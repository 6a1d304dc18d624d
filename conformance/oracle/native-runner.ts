/** Runs scenarios on native CPython, and describes the peers to them. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AllPeers } from "../../e2e/peers/all-peers.ts";
import { KEY_PASSWORD, type LeafName } from "../../e2e/peers/certs.ts";
import type { NativePython } from "../../vendor/native-python.ts";

const run = promisify(execFile);

/** The folder of `observe.py`, for `sys.path`. */
export const ORACLE_FOLDER = import.meta.dirname;

const SCENARIO_DEADLINE_MS = 60_000;

/** What `observe.run_scenario` takes as its configuration. */
export function describePeers(peers: AllPeers): string {
  const { pki } = peers;
  const leaves: LeafName[] = ["good", "good-ec", "client", "client-ec", "client-unknown", "sni-one"];
  const files = leaves.flatMap((name) => {
    const leaf = pki.leaf(name);
    return Object.entries(leaf).map(([kind, path]) => [`${name}.${kind}`, path as string] as const);
  });
  const { ca, intermediate, otherCa, capath, folder } = pki;
  return JSON.stringify({
    peers: peers.ports,
    pki: { ca, intermediate, otherCa, capath, folder, password: KEY_PASSWORD, ...Object.fromEntries(files) },
  });
}

/** Runs one scenario on native CPython. Answers its observations, one JSON text each. */
export async function runNatively(
  python: NativePython,
  scenario: string,
  configuration: string,
): Promise<string[]> {
  const parameters = [...python.args, join(ORACLE_FOLDER, "observe.py"), scenario, configuration];
  const { stdout } = await run(python.command, parameters, {
    env: python.env,
    timeout: SCENARIO_DEADLINE_MS,
    maxBuffer: 16 << 20,
  });
  return stdout.trimEnd().split("\n");
}
