/** Published test vectors, as facts with their source. */

/** One message: bytes are in hexadecimal. */
export interface Vector {
  readonly source: string;
  readonly cipher: string;
  readonly key: string;
  readonly iv: string;
  readonly aad?: string;
  readonly plaintext: string;
  readonly ciphertext: string;
  readonly tag?: string;
}

const FIPS_197_BLOCK = "00112233445566778899aabbccddeeff";
const GCM_TEXT =
  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525" +
  "b16aedf5aa0de657ba637b39";
const GCM_KEY = "feffe9928665731c6d6a8f9467308308";
const GCM_AAD = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
const MODES_KEY = "2b7e151628aed2a6abf7158809cf4f3c";
const MODES_TEXT =
  "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" +
  "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";

/** The vectors. */
export const VECTORS: readonly Vector[] = [
  {
    source: "FIPS-197, appendix C.1",
    cipher: "AES-128-ECB",
    key: "000102030405060708090a0b0c0d0e0f",
    iv: "",
    plaintext: FIPS_197_BLOCK,
    ciphertext: "69c4e0d86a7b0430d8cdb78070b4c55a",
  },
  {
    source: "FIPS-197, appendix C.2",
    cipher: "AES-192-ECB",
    key: "000102030405060708090a0b0c0d0e0f1011121314151617",
    iv: "",
    plaintext: FIPS_197_BLOCK,
    ciphertext: "dda97ca4864cdfe06eaf70a0ec0d7191",
  },
  {
    source: "FIPS-197, appendix C.3",
    cipher: "AES-256-ECB",
    key: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    iv: "",
    plaintext: FIPS_197_BLOCK,
    ciphertext: "8ea2b7ca516745bfeafc49904b496089",
  },
  {
    source: "SP 800-38A, F.2.1",
    cipher: "AES-128-CBC",
    key: MODES_KEY,
    iv: "000102030405060708090a0b0c0d0e0f",
    plaintext: MODES_TEXT,
    ciphertext:
      "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2" +
      "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7",
  },
  {
    source: "SP 800-38A, F.5.1",
    cipher: "AES-128-CTR",
    key: MODES_KEY,
    iv: "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
    plaintext: MODES_TEXT,
    ciphertext:
      "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff" +
      "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee",
  },
  {
    source: "SP 800-38C, example 1",
    cipher: "AES-128-CCM",
    key: "404142434445464748494a4b4c4d4e4f",
    iv: "10111213141516",
    aad: "0001020304050607",
    plaintext: "20212223",
    ciphertext: "7162015b",
    tag: "4dac255d",
  },
  {
    source: "D. McGrew and J. Viega, The Galois/Counter Mode of Operation, test case 1",
    cipher: "AES-128-GCM",
    key: "00000000000000000000000000000000",
    iv: "000000000000000000000000",
    plaintext: "",
    ciphertext: "",
    tag: "58e2fccefa7e3061367f1d57a4e7455a",
  },
  {
    source: "the same, test case 4",
    cipher: "AES-128-GCM",
    key: GCM_KEY,
    iv: "cafebabefacedbaddecaf888",
    aad: GCM_AAD,
    plaintext: GCM_TEXT,
    ciphertext:
      "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa05" +
      "1ba30b396a0aac973d58e091",
    tag: "5bc94fbc3221a5db94fae95ae7121a47",
  },
  {
    source: "the same, test case 5: a short nonce",
    cipher: "AES-128-GCM",
    key: GCM_KEY,
    iv: "cafebabefacedbad",
    aad: GCM_AAD,
    plaintext: GCM_TEXT,
    ciphertext:
      "61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c742373806900e49f24b22b097544d4896b42" +
      "4989b5e1ebac0f07c23f4598",
    tag: "3612d2e79e3b0785561be14aaca2fccb",
  },
  {
    source: "the same, test case 6: a long nonce",
    cipher: "AES-128-GCM",
    key: GCM_KEY,
    iv:
      "9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b5254" +
      "16aedbf5a0de6a57a637b39b",
    aad: GCM_AAD,
    plaintext: GCM_TEXT,
    ciphertext:
      "8ce24998625615b603a033aca13fb894be9112a5c3a211a8ba262a3cca7e2ca701e4a9a4fba43c90ccdcb281d48c7c6f" +
      "d62875d2aca417034c34aee5",
    tag: "619cc5aefffe0bfa462af43c1699d050",
  },
  {
    source: "the same, test case 16",
    cipher: "AES-256-GCM",
    key: GCM_KEY + GCM_KEY,
    iv: "cafebabefacedbaddecaf888",
    aad: GCM_AAD,
    plaintext: GCM_TEXT,
    ciphertext:
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838" +
      "c5f61e6393ba7a0abcc9f662",
    tag: "76fc6ece0f4e1768cddf8853bb2d551b",
  },
  {
    source: "RFC 8439, section 2.8.2",
    cipher: "ChaCha20-Poly1305",
    key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    iv: "070000004041424344454647",
    aad: "50515253c0c1c2c3c4c5c6c7",
    plaintext: Buffer.from(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, " +
        "sunscreen would be it.",
    ).toString("hex"),
    ciphertext:
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b" +
      "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc" +
      "3ff4def08e4b7a9de576d26586cec64b6116",
    tag: "1ae10b594f09e26a7e902ecbd0600691",
  },
];
