import { expect, test } from "vitest";
import { packZip, unpackZip } from "./zip.ts";

const entries = [
  { path: "package/__init__.py", bytes: new TextEncoder().encode("print('hi')\n".repeat(100)) },
  { path: "package/empty.py", bytes: new Uint8Array(0) },
  { path: "päckchen/x.bin", bytes: Uint8Array.from({ length: 300 }, (_, index) => (index * 7919) & 0xff) },
];

test("what was packed is unpacked the same", () => {
  const unpacked = unpackZip(packZip(entries));
  expect(unpacked.map(({ path, bytes }) => [path, [...bytes]])).toEqual(
    entries.map(({ path, bytes }) => [path, [...bytes]]),
  );
});

test("the same files give the same archive", () => {
  expect(packZip(entries)).toEqual(packZip(entries));
});

test("a changed byte is noticed", () => {
  const archive = packZip(entries);
  const position = 30 + "package/__init__.py".length + 3;
  archive[position] = (archive[position] ?? 0) ^ 0x10;
  expect(() => unpackZip(archive)).toThrow();
});

test("a path that leaves the archive is refused", () => {
  const archive = packZip([{ path: "../outside", bytes: new Uint8Array(1) }]);
  expect(() => unpackZip(archive)).toThrow(/bad path/);
});
