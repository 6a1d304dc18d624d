import type { OpenSsl, Ptr } from "../openssl/index.ts";

/** The text of a C string that may be NULL. */
export function optionalText(openssl: OpenSsl, string: Ptr<"char">): string | null {
  return string === 0 ? null : openssl.memory.readCString(string);
}
