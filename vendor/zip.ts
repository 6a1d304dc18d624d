/** Zip archives (APPNOTE.TXT 6.3), as far as wheels and Pyodide need them: deflated or stored entries, no Zip64. */
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
const VERSION = 20;
const STORED = 0;
const DEFLATED = 8;
const UTF8_NAMES = 1 << 11;
/** 1980-01-01 00:00 as MS-DOS writes it: the same files give the same bytes. */
const EPOCH_DATE = 0x21;

/** One file of an archive. */
export interface ZipEntry {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Packs files into an archive. The same entries give the same bytes. */
export function packZip(entries: readonly ZipEntry[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, bytes } of entries) {
    const name = Buffer.from(path, "utf8");
    const packed = deflateRawSync(bytes);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(VERSION, 0);
    fields.writeUInt16LE(UTF8_NAMES, 2);
    fields.writeUInt16LE(DEFLATED, 4);
    fields.writeUInt16LE(EPOCH_DATE, 8);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.alloc(4);
    local.writeUInt32LE(LOCAL_HEADER);
    parts.push(local, fields, name, packed);

    const central = Buffer.alloc(46);
    central.writeUInt32LE(CENTRAL_HEADER, 0);
    central.writeUInt16LE(VERSION, 4);
    fields.copy(central, 6);
    central.writeUInt32LE(offset, 42);
    directory.push(central, name);
    offset += 30 + name.length + packed.length;
  }
  const table = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END_OF_DIRECTORY, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(table.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, table, end]);
}

/**
 * Reads the files of an archive; folders are left out.
 * @throws when the archive is damaged or uses what is not supported, or a path leaves the archive
 */
export function unpackZip(archive: Uint8Array): ZipEntry[] {
  const data = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  const signature = Buffer.alloc(4);
  signature.writeUInt32LE(END_OF_DIRECTORY);
  const end = data.lastIndexOf(signature);
  if (end < 0) throw new Error("not a zip archive: it has no end of central directory");
  const entries: ZipEntry[] = [];
  let at = data.readUInt32LE(end + 16);
  for (let left = data.readUInt16LE(end + 10); left > 0; left--) {
    if (data.readUInt32LE(at) !== CENTRAL_HEADER)
      throw new Error("damaged zip archive: bad central directory");
    const method = data.readUInt16LE(at + 10);
    const checksum = data.readUInt32LE(at + 16);
    const packedLength = data.readUInt32LE(at + 20);
    const nameLength = data.readUInt16LE(at + 28);
    const path = data.toString("utf8", at + 46, at + 46 + nameLength);
    const local = data.readUInt32LE(at + 42);
    at += 46 + nameLength + data.readUInt16LE(at + 30) + data.readUInt16LE(at + 32);
    if (path.endsWith("/")) continue;
    if (path.startsWith("/") || path.split("/").includes(".."))
      throw new Error(`zip archive with a bad path: ${path}`);
    const start = local + 30 + data.readUInt16LE(local + 26) + data.readUInt16LE(local + 28);
    const packed = data.subarray(start, start + packedLength);
    if (method !== STORED && method !== DEFLATED)
      throw new Error(`${path}: zip method ${method} is not supported`);
    const bytes = method === STORED ? packed : inflateRawSync(packed);
    if (crc32(bytes) !== checksum) throw new Error(`${path}: damaged in the zip archive`);
    entries.push({ path, bytes });
  }
  return entries;
}
