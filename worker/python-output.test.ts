import { expect, test } from "vitest";
import { PythonOutput } from "./python-output.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("a whole line goes out at once, and small writes in one piece", () => {
  const sent: string[] = [];
  const output = new PythonOutput((text) => sent.push(text));
  for (const piece of ["a", " ", "b", "\n"]) output.write(bytes(piece));
  expect(sent).toEqual(["a b\n"]);
});

test("a line without an end goes out when the event loop gets a turn", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  new PythonOutput(resolve).write(bytes("password: "));
  expect(await promise).toBe("password: ");
});

test("a character cut in two by a write arrives whole", () => {
  const sent: string[] = [];
  const output = new PythonOutput((text) => sent.push(text));
  const euro = bytes("€\n");
  output.write(euro.subarray(0, 1));
  output.write(euro.subarray(1));
  expect(sent.join("")).toBe("€\n");
});

test("a long text without a line end does not pile up", () => {
  const sent: string[] = [];
  const output = new PythonOutput((text) => sent.push(text));
  for (let i = 0; i < 100; i++) output.write(bytes("x".repeat(1000)));
  expect(sent.length).toBeGreaterThan(5);
  output.flush();
  expect(sent.join("")).toBe("x".repeat(100_000));
});
