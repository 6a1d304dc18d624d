import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { opened, startEcho, startPeer, withDeadline } from "../transports/test-peers.ts";
import { createWispTransport } from "../transports/wisp.ts";
import { helpText, readCommandLine } from "./command-line.ts";
import { SETTINGS, SettingError } from "./settings.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function configFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "gateway-"));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "gateway.json");
  writeFileSync(path, text);
  return path;
}

function settingsOf(...argv: string[]) {
  const invocation = readCommandLine(argv);
  if (invocation.kind !== "run") throw new Error("expected settings");
  return invocation.settings;
}

describe("the command line", () => {
  it("reads numbers, flags, choices and lists, repeated or separated by commas", () => {
    const settings = settingsOf(
      ...[
        "--port",
        "0",
        "--log",
        "json",
        "--danger-any-port",
        "--origins",
        "https://a.example,https://b.example",
      ],
      ...["--origins=null", "--target-ports", "443", "--max-streams", "7"],
    );
    expect(settings).toMatchObject({
      port: 0,
      log: "json",
      dangerAnyPort: true,
      dangerAllowPrivate: false,
      origins: ["https://a.example", "https://b.example", "null"],
      targetPorts: ["443"],
      maxStreams: 7,
      host: "127.0.0.1",
    });
  });

  it("wins over the config file, which wins over the defaults", () => {
    const config = configFile('{ "maxStreams": 5, "targetPorts": ["80"], "requireOrigin": true }');
    const settings = settingsOf("--config", config, "--target-ports", "443");
    expect(settings).toMatchObject({
      maxStreams: 5,
      targetPorts: ["443"],
      requireOrigin: true,
      maxConnections: 256,
    });
  });

  it.each([
    [["--max-streams", "many"], '--max-streams must be an integer from 1 to 1000000, not "many"'],
    [["--max-streams", "0"], "--max-streams must be an integer from 1 to 1000000, not 0"],
    [["--log", "xml"], '--log must be one of text, json, none, not "xml"'],
    [["--tls-cert", "a.pem"], '"tlsCert" and "tlsKey" must be given together'],
    [["--path", "wisp"], '"path" must start and end with a slash, not "wisp"'],
    [["--no-such-option"], "Unknown option '--no-such-option'"],
    [["--port"], "argument missing"],
    [["extra"], "Unexpected argument 'extra'"],
    [["--config", "/nonexistent/gateway.json"], "/nonexistent/gateway.json: ENOENT"],
  ])("refuses %j with a clear message", (argv, message) => {
    expect(() => readCommandLine(argv)).toThrowError(SettingError);
    expect(() => readCommandLine(argv)).toThrowError(message);
  });

  it.each([
    ["{ no json", "JSON"],
    ["[]", "must hold a JSON object"],
    ['{ "maxStream": 1 }', 'unknown key "maxStream"'],
    ['{ "max-streams": 1 }', 'unknown key "max-streams"; did you mean "maxStreams"?'],
    ['{ "maxStreams": "1" }', '"maxStreams" must be an integer from 1 to 1000000, not "1"'],
    [
      '{ "origins": "https://a.example" }',
      '"origins" must be a list of strings (origin), not "https://a.example"',
    ],
    ['{ "requireOrigin": 1 }', '"requireOrigin" must be true or false, not 1'],
    ['{ "toString": 1 }', 'unknown key "toString"'],
  ])("refuses the config file %j with a clear message that names it", (text, message) => {
    const config = configFile(text);
    expect(() => readCommandLine(["--config", config])).toThrowError(message);
    expect(() => readCommandLine(["--config", config])).toThrowError(config);
  });

  it("has every setting in --help, and danger in the name of those that lower security", () => {
    for (const [name, { help }] of Object.entries(SETTINGS)) {
      expect(helpText()).toContain(`--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
      expect(help.startsWith("DANGER")).toBe(name.startsWith("danger"));
    }
  });
});

describe("the process", () => {
  it("prints its address, serves, and exits with 0 on SIGTERM", async () => {
    await using echo = await startEcho();
    const { child, output, firstLine } = run("--port", "0", "--danger-any-port", "--danger-allow-private");
    const url = /url=(\S+)/.exec(await firstLine)?.[1] ?? "";
    const transport = createWispTransport(url);
    cleanups.push(() => transport.close());
    const stream = await opened(transport.connect("127.0.0.1", echo.port));
    stream.close();
    child.kill("SIGTERM");
    expect(await exitOf(child)).toEqual([0, null]);
    expect(output.text).toMatch(/stopping .*\n(.*\n)*.* stopped\n$/);
  });

  it("waits for streams on SIGINT, and ends at once on the second", async () => {
    await using peer = await startPeer();
    const { child, output, firstLine } = run(
      "--port=0",
      "--danger-any-port",
      "--danger-allow-private",
      "--stop-timeout-seconds=3600",
    );
    const url = /url=(\S+)/.exec(await firstLine)?.[1] ?? "";
    const transport = createWispTransport(url);
    cleanups.push(() => transport.close());
    const stream = await opened(transport.connect("127.0.0.1", peer.port));
    const stopping = output.until("stopping");
    child.kill("SIGINT");
    await stopping;
    expect(stream.state).toBe("open");
    child.kill("SIGINT");
    expect(await exitOf(child)).toEqual([0, null]);
  });

  it("says in one line that its port is in use, and exits with 1", async () => {
    await using peer = await startPeer();
    const { child, output } = run("--port", String(peer.port));
    expect(await exitOf(child)).toEqual([1, null]);
    expect(output.text).toBe(
      `pyodide-ssl gateway: 127.0.0.1:${peer.port} is in use: stop what listens there, or choose another with --port\n`,
    );
  });

  it("exits with 2 on wrong options", async () => {
    const { child, output } = run("--target-ports", "https");
    expect(await exitOf(child)).toEqual([2, null]);
    expect(output.text).toContain('"targetPorts": "https" is not a port');
    expect(output.text).toContain("--help");
  });

  it("prints its help and exits with 0", async () => {
    const { child, output } = run("--help");
    expect(await exitOf(child)).toEqual([0, null]);
    expect(output.text).toBe(helpText());
  });
});

interface Output {
  text: string;
  until(part: string): Promise<void>;
}

function run(...argv: string[]): { child: ChildProcess; output: Output; firstLine: Promise<string> } {
  const command = new URL("./command.ts", import.meta.url).href;
  const script = `const { runGatewayCommand } = await import(${JSON.stringify(command)});
    process.exitCode = await runGatewayCommand(process.argv.slice(1));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, "--", ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  cleanups.push(() => child.kill("SIGKILL"));
  const output: Output = {
    text: "",
    async until(part) {
      while (!this.text.includes(part))
        await withDeadline(once(child.stdout, "data"), `"${part}" in the output`);
    },
  };
  const onData = (chunk: Buffer): void => {
    output.text += chunk.toString();
  };
  child.stdout.on("data", onData);
  child.stderr.on("data", onData);
  const firstLine = output.until("\n").then(() => output.text);
  // Only some tests await it; the others end without a line.
  firstLine.catch(() => {});
  return { child, output, firstLine };
}

async function exitOf(child: ChildProcess): Promise<[number | null, string | null]> {
  return (await withDeadline(once(child, "close"), "the process's end")) as [number | null, string | null];
}
