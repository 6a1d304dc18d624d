/**
 * OpenSSL's files in which a connection spends its time: compiled for speed, where all others are compiled for size. A file
 * belongs here when a handshake or a record gets slower without it, as `npm run bench:records` shows.
 */

/** Files of OpenSSL's, as patterns, each with its reason. */
const HOT: readonly (readonly [files: RegExp, reason: string])[] = [
  [
    /^crypto\/bn\/bn_(add|asm|intern|lib|mont|mul|shift|sqr)\.c$/,
    "RSA, and curves without arithmetic of their own",
  ],
  [/^crypto\/sha\/(keccak1600|sha1dgst|sha256|sha512)\.c$/, "signatures, key schedules, record MACs, ML-KEM"],
  [/^crypto\/md5\/md5_dgst\.c$/, "TLS 1.0 and 1.1"],
  [/^crypto\/ec\/curve448\/(arch_64\/f_impl64|curve448|f_generic)\.c$/, "X448 and Ed448"],
  [/^crypto\/ml_kem\/ml_kem\.c$/, "X25519MLKEM768, the first group that is offered"],
  [/^ssl\/record\/rec_layer_s3\.c$/, "every record"],
  [/^ssl\/record\/methods\/(tls13_meth|tls_common)\.c$/, "every record"],
  [/^providers\/implementations\/ciphers\/ciphercommon(_gcm)?(_hw)?\.c$/, "every record"],
  [/^crypto\/evp\/evp_enc\.c$/, "every record"],
  [/^ssl\/s3_lib\.c$/, "every call that reads or writes"],
  [/^crypto\/err\/err(_blocks|_mark)?\.c$/, "the errors' queue, which every call empties first"],
  [/^providers\/implementations\/ciphers\/cipher_chacha20_poly1305\.c$/, "every record"],
  [/^crypto\/(mem|packet|params)\.c$/, "every record, and every algorithm that is looked up"],
  [/^crypto\/bio\/(bio_lib|bss_mem)\.c$/, "bytes from and to JavaScript"],
  [/^crypto\/lhash\/lhash\.c$/, "every algorithm that is looked up"],
];

/** How hot files are compiled. */
export const HOT_OPTIMISATION = "-O2";

/** The object files of the hot files, from OpenSSL's Makefile. Each pattern must be of use. */
export function hotObjects(makefile: string): string[] {
  const rules = [...makefile.matchAll(/^(\S+-lib-\S+\.o): (\S+\.c)$/gm)];
  return HOT.flatMap(([files]) => {
    const objects = rules
      .filter(([, , source]) => files.test(source ?? ""))
      .map(([, object]) => object ?? "");
    if (objects.length === 0) throw new Error(`hot.ts names no file of OpenSSL's: ${files}`);
    return objects;
  }).filter((object) => !/^libfips|\/libfips-lib/.test(object));
}
