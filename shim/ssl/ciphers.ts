import { constants, NULL, type OpenSsl, type Ptr } from "../openssl/index.ts";
import { optionalText } from "./c-text.ts";
import { stackItems } from "./stack.ts";

/** @cpython `cipher_to_tuple` of `_ssl.c` */
export type CipherTuple = readonly [name: string | null, protocol: string | null, secretBits: number];

/** One entry of `get_ciphers()`, with its keys and their order. @cpython `cipher_to_dict` of `_ssl.c` */
export interface CipherInfo {
  readonly id: number;
  readonly name: string | null;
  readonly protocol: string | null;
  readonly description: string;
  readonly strength_bits: number;
  readonly alg_bits: number;
  readonly aead: boolean;
  readonly symmetric: string | null;
  readonly digest: string | null;
  readonly kea: string | null;
  readonly auth: string | null;
}

type Cipher = Ptr<"SSL_CIPHER">;

/** Name, protocol version and number of secret bits. */
export function cipherTuple(openssl: OpenSsl, cipher: Cipher): CipherTuple {
  const { fn } = openssl;
  return [
    optionalText(openssl, fn.SSL_CIPHER_get_name(cipher)),
    optionalText(openssl, fn.SSL_CIPHER_get_version(cipher)),
    fn.SSL_CIPHER_get_bits(cipher, NULL),
  ];
}

/** Everything that `get_ciphers()` tells. */
export function cipherInfo(openssl: OpenSsl, cipher: Cipher): CipherInfo {
  const { fn, memory } = openssl;
  const longName = (nid: number) =>
    nid === constants.NID_undef ? null : optionalText(openssl, fn.OBJ_nid2ln(nid));
  using scope = memory.scope();
  const size = 512;
  const buffer = scope.alloc(size);
  fn.SSL_CIPHER_description(cipher, buffer, size - 1);
  const bits = scope.word<"int">();
  const strength = fn.SSL_CIPHER_get_bits(cipher, bits);
  return {
    id: fn.SSL_CIPHER_get_id(cipher) >>> 0,
    name: optionalText(openssl, fn.SSL_CIPHER_get_name(cipher)),
    protocol: optionalText(openssl, fn.SSL_CIPHER_get_version(cipher)),
    description: memory.readCString(buffer).replace(/\n$/, ""),
    strength_bits: strength,
    alg_bits: memory.readU32(bits),
    aead: fn.SSL_CIPHER_is_aead(cipher) !== 0,
    symmetric: longName(fn.SSL_CIPHER_get_cipher_nid(cipher)),
    digest: longName(fn.SSL_CIPHER_get_digest_nid(cipher)),
    kea: longName(fn.SSL_CIPHER_get_kx_nid(cipher)),
    auth: longName(fn.SSL_CIPHER_get_auth_nid(cipher)),
  };
}

/** The ciphers that an `SSL` would use, by falling preference. */
export function ciphersOf(openssl: OpenSsl, ssl: Ptr<"SSL">): Cipher[] {
  return stackItems<"SSL_CIPHER">(openssl, openssl.fn.SSL_get_ciphers(ssl));
}
