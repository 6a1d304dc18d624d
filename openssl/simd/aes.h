/* What the files of AES know of each other. `swizzle` is for few blocks, `sliced` for many. */
#ifndef PYODIDE_SSL_SIMD_AES_H
#define PYODIDE_SSL_SIMD_AES_H

#include <openssl/aes.h>
#include "vector.h"

/*
 * AES_KEY as these files use it: round keys in the basis of aes-swizzle.c, not OpenSSL's words. Vectors of 16 bytes; the last
 * one is in FIPS-197's basis. SubBytes' constant 0x63 is added to all but the first.
 */
INLINE v128_t aes_round_key(const AES_KEY *key, int round) { return wasm_v128_load(key->rd_key + 4 * round); }

/* One block. */
v128_t aes_encrypt_block(v128_t block, const AES_KEY *key);
/* Four blocks at a time, which do not wait for each other. */
void aes_encrypt_four(v128_t blocks[4], const AES_KEY *key);
void aes_decrypt_four(v128_t blocks[4], const AES_KEY *key);
/* A round key of an encryption in FIPS-197's basis; 0x63 stays added to all but the first. */
v128_t aes_plain_round_key(const AES_KEY *key, int round);

/* A counter block whose last four bytes are the given number, big end first (SP 800-38D, section 6.5). */
INLINE v128_t aes_counter_block(v128_t nonce, uint32_t counter) {
    return wasm_i32x4_replace_lane(nonce, 3, (int32_t)__builtin_bswap32(counter));
}

#endif
