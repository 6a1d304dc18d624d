/** gateway/deploy/ without running it: what systemd says of the unit, and that versions are those of the package. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../vendor/cache.ts";

const deployed = (name: string) => readFileSync(join(ROOT, "gateway", "deploy", name), "utf8");
const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;

describe.skipIf(!hasSystemd)("the systemd unit", () => {
  /** Calls `check` with a copy that is an instance, and names programs of this machine. */
  function withUnit<T>(check: (file: string) => T): T {
    const folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-unit-"));
    try {
      const file = join(folder, "pyodide-ssl-gateway@6001.service");
      writeFileSync(
        file,
        deployed("pyodide-ssl-gateway@.service").replaceAll("/usr/bin/node", process.execPath),
      );
      return check(file);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  it("is one that systemd takes without a complaint", () => {
    const { status, stderr } = withUnit((file) =>
      spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" }),
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it("exposes as little as docs/gateway.md says", () => {
    const report = withUnit((file) =>
      execFileSync("systemd-analyze", ["security", "--offline=true", "--no-pager", file], {
        encoding: "utf8",
      }),
    );
    const [, exposure = ""] = /Overall exposure level for .*: ([\d.]+)/.exec(report) ?? [];
    const [, promised = ""] =
      /gives it ([\d.]+) of 10/.exec(readFileSync(join(ROOT, "docs/gateway.md"), "utf8")) ?? [];
    expect(Number(exposure)).toBeGreaterThan(0);
    expect(Number(exposure)).toBeLessThanOrEqual(Number(promised));
  });
});

describe("the Dockerfile", () => {
  const { name, version, engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    name: string;
    version: string;
    engines: { node: string };
  };

  it("takes this version of the package", () => {
    expect(deployed("Dockerfile").match(/pyodide-ssl-[\d.]+\d\.tgz/g)).toEqual(
      new Array(2).fill(`${name}-${version}.tgz`),
    );
  });

  it("begins with a Node that is new enough, by name and version, and does not run as root", () => {
    const [, major = "", minor = ""] =
      /^ARG BASE=node:(\d+)\.(\d+)\.\d+-/m.exec(deployed("Dockerfile")) ?? [];
    const [, leastMajor = "", leastMinor = ""] = /(\d+)\.(\d+)/.exec(engines.node) ?? [];
    expect(Number(major) * 1000 + Number(minor)).toBeGreaterThanOrEqual(
      Number(leastMajor) * 1000 + Number(leastMinor),
    );
    expect(deployed("Dockerfile")).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
  });
});
