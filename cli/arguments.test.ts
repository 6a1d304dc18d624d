import { describe, expect, test } from "vitest";
import { parseCommandLine } from "./arguments.ts";

const run = (...argv: string[]) => {
  const line = parseCommandLine(argv, true);
  if (line.action !== "run") throw new Error(`${argv.join(" ")} is understood as ${line.action}`);
  return line;
};

describe("the program", () => {
  test.each([
    [["s.py", "-c", "x"], { mode: "script", operand: "s.py", args: ["-c", "x"] }],
    [["-c", "print()", "-V"], { mode: "command", operand: "print()", args: ["-V"] }],
    [["-cprint()", "a"], { mode: "command", operand: "print()", args: ["a"] }],
    [["-c", ""], { mode: "command", operand: "", args: [] }],
    [["-m", "json.tool", "--help"], { mode: "module", operand: "json.tool", args: ["--help"] }],
    [["-mthis"], { mode: "module", operand: "this", args: [] }],
    [["-", "a"], { mode: "stdin", operand: "-", args: ["a"] }],
    [["--", "-odd.py", "a"], { mode: "script", operand: "-odd.py", args: ["a"] }],
  ])("%j is understood as CPython does", (argv, program) => {
    expect(run(...argv).program).toEqual(program);
  });

  test("without one it is the console on a terminal and standard input elsewhere", () => {
    expect(parseCommandLine([], true)).toMatchObject({ program: { mode: "console" } });
    expect(parseCommandLine([], false)).toMatchObject({ program: { mode: "stdin", operand: "" } });
  });
});

test("options before the program are ours, with the value in the next word or in the same", () => {
  const { options } = run(
    "--gateway",
    "ws://g",
    "--ca=a.pem",
    "--ca",
    "b.pem",
    "--no-mount",
    "-u",
    "--packages-dir=p",
    "s.py",
  );
  expect(options).toEqual({
    gateway: "ws://g",
    ca: ["a.pem", "b.pem"],
    packagesDirs: ["p"],
    mount: false,
    unbuffered: true,
  });
});

test.each([[["--bad"]], [["-x", "s.py"]], [["-c"]], [["-m"]], [["--gateway"]]])(
  "%j is a usage error",
  (argv) => {
    expect(parseCommandLine(argv, true)).toMatchObject({ action: "usage-error" });
  },
);

test("what follows `gateway` is the gateway's", () => {
  expect(parseCommandLine(["gateway", "--help"], true)).toEqual({ action: "gateway", argv: ["--help"] });
});
