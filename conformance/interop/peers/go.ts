/** Go's `crypto/tls`, through a little program of ours (../go). */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { CACHE } from "../../../vendor/cache.ts";
import type { Report, Settings } from "../settings.ts";
import type { InteropPeer, PeerServer } from "./peer.ts";
import { Tool, versionOf } from "./tool.ts";

const SOURCES = join(import.meta.dirname, "..", "go");

function reportsIn(output: string): Report[] {
  const lines = output.split("\n").slice(0, -1);
  return lines.flatMap((line) =>
    line.startsWith('{"report":') ? [(JSON.parse(line) as { report: Report }).report] : [],
  );
}

async function start(settings: Settings): Promise<Tool> {
  return new Tool(await goProgram(), [JSON.stringify(settings)]);
}

function untilReported(tool: Tool, connections: number): Promise<Report[]> {
  return tool.until(`${connections} reports`, (output) => {
    const reports = reportsIn(output);
    return reports.length >= connections ? reports : undefined;
  });
}

/** Native OpenSSL does the same: it has not changed to the handshake's keys when it looks at the certificate. */
const EARLY_ALERT = "OpenSSL sends this alert in the clear, which Go does not read";
const NO_PSK = "crypto/tls has no external PSKs";
const NO_SESSION_ID = "crypto/tls resumes by tickets only";

/** Builds Go's program when its source is new; standard library only, so nothing is fetched. */
async function goProgram(): Promise<string> {
  const hash = createHash("sha256");
  for (const file of ["main.go", "go.mod"]) hash.update(readFileSync(join(SOURCES, file)));
  const cache = join(dirname(CACHE), "interop");
  const program = join(cache, `go-peer-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const fresh = `${program}.${process.pid}`;
  const environment = {
    GOCACHE: join(cache, "go-build"),
    GOPATH: join(cache, "go-path"),
    GOPROXY: "off",
    GOFLAGS: "-mod=mod",
    CGO_ENABLED: "0",
  };
  await using build = new Tool("go", ["build", "-o", fresh, "."], { environment, folder: SOURCES });
  await build.ended;
  if (!existsSync(fresh)) throw new Error(`go build failed:\n${build.output}`);
  renameSync(fresh, program);
  return program;
}

export const go: InteropPeer = {
  name: "go",
  title: "Go",
  protocol: "raw",
  version: () => versionOf("go", ["version"]),
  serve: async (settings): Promise<PeerServer> => {
    const tool = await start(settings);
    const port = await tool.until("its port", (output) => {
      const found = /^\{"port":(\d+)\}$/m.exec(output)?.[1];
      return found === undefined ? undefined : Number(found);
    });
    return {
      port,
      finished: () => untilReported(tool, settings.connections),
      stop: () => tool[Symbol.asyncDispose](),
    };
  },
  connect: async (settings) => {
    await using tool = await start(settings);
    return await untilReported(tool, settings.connections);
  },
  lacks: {
    "key-update": "crypto/tls has no key update that a program can start",
    "psk-1.2": NO_PSK,
    "psk-1.3": NO_PSK,
    "resume-id-1.2": NO_SESSION_ID,
  },
  differs: {
    "untrusted-1.3 server": { theirs: /bad record MAC/, why: EARLY_ALERT },
    "other-name-1.3 server": { theirs: /bad record MAC/, why: EARLY_ALERT },
  },
};
