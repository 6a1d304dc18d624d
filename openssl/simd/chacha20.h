/*
 * ChaCha20 (RFC 8439, section 2.3), four blocks at a time: vector i holds word i of four blocks, so that a quarter round
 * works on four blocks without moving anything between lanes (Bernstein, "ChaCha, a variant of Salsa20", section 4).
 */
#ifndef PYODIDE_SSL_SIMD_CHACHA20_H
#define PYODIDE_SSL_SIMD_CHACHA20_H

#include "vector.h"

#define CHACHA20_BLOCK 64
#define CHACHA20_WIDE (4 * CHACHA20_BLOCK)

/* Byte orders that rotate each 32-bit lane to the left by 16 and by 8 bits. */
extern const uint8_t chacha20_by_16[16], chacha20_by_8[16];

INLINE v128_t rotate_12(v128_t v) { return wasm_v128_or(wasm_i32x4_shl(v, 12), wasm_u32x4_shr(v, 20)); }
INLINE v128_t rotate_7(v128_t v) { return wasm_v128_or(wasm_i32x4_shl(v, 7), wasm_u32x4_shr(v, 25)); }

INLINE void quarter_round(v128_t *a, v128_t *b, v128_t *c, v128_t *d, v128_t by_16, v128_t by_8) {
    *a = wasm_i32x4_add(*a, *b), *d = swizzle(wasm_v128_xor(*d, *a), by_16);
    *c = wasm_i32x4_add(*c, *d), *b = rotate_12(wasm_v128_xor(*b, *c));
    *a = wasm_i32x4_add(*a, *b), *d = swizzle(wasm_v128_xor(*d, *a), by_8);
    *c = wasm_i32x4_add(*c, *d), *b = rotate_7(wasm_v128_xor(*b, *c));
}

INLINE void chacha20_double_round(v128_t v[16], v128_t by_16, v128_t by_8) {
    for (int i = 0; i < 4; i++) quarter_round(&v[i], &v[4 + i], &v[8 + i], &v[12 + i], by_16, by_8);
    for (int i = 0; i < 4; i++)
        quarter_round(&v[i], &v[4 + (i + 1) % 4], &v[8 + (i + 2) % 4], &v[12 + (i + 3) % 4], by_16, by_8);
}

/* The state before the rounds. The counter is the first word of `counter` and counts modulo 2^32. */
INLINE void chacha20_load(v128_t v[16], const uint32_t key[8], const uint32_t counter[4]) {
    static const uint32_t sigma[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}; /* "expand 32-byte k" */
    for (int i = 0; i < 4; i++) v[i] = wasm_i32x4_splat((int32_t)sigma[i]);
    for (int i = 0; i < 8; i++) v[4 + i] = wasm_i32x4_splat((int32_t)key[i]);
    for (int i = 0; i < 4; i++) v[12 + i] = wasm_i32x4_splat((int32_t)counter[i]);
    v[12] = wasm_i32x4_add(v[12], wasm_i32x4_const(0, 1, 2, 3));
}

/* Adds the state from before the rounds, and turns lanes into blocks: v[4 * block + i] are then 16 bytes of keystream. */
INLINE void chacha20_keystream(v128_t v[16], const uint32_t key[8], const uint32_t counter[4]) {
    v128_t before[16], turned[16];
    chacha20_load(before, key, counter);
    for (int i = 0; i < 4; i++) {
        v128_t a = wasm_i32x4_add(v[4 * i], before[4 * i]), b = wasm_i32x4_add(v[4 * i + 1], before[4 * i + 1]);
        v128_t c = wasm_i32x4_add(v[4 * i + 2], before[4 * i + 2]), d = wasm_i32x4_add(v[4 * i + 3], before[4 * i + 3]);
        v128_t ab_low = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), ab_high = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7);
        v128_t cd_low = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5), cd_high = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
        turned[i] = wasm_i64x2_shuffle(ab_low, cd_low, 0, 2);
        turned[4 + i] = wasm_i64x2_shuffle(ab_low, cd_low, 1, 3);
        turned[8 + i] = wasm_i64x2_shuffle(ab_high, cd_high, 0, 2);
        turned[12 + i] = wasm_i64x2_shuffle(ab_high, cd_high, 1, 3);
    }
    for (int i = 0; i < 16; i++) v[i] = turned[i];
}

/* Encrypts 256 bytes; `out` may be `in`. */
INLINE void chacha20_xor(uint8_t *out, const uint8_t *in, const v128_t v[16]) {
    for (int i = 0; i < 16; i++) wasm_v128_store(out + 16 * i, wasm_v128_xor(wasm_v128_load(in + 16 * i), v[i]));
}

/* 256 bytes of keystream. */
void chacha20_four_blocks(uint8_t out[CHACHA20_WIDE], const uint32_t key[8], const uint32_t counter[4]);

/* Encrypts fewer than 256 bytes by keystream in memory. */
void chacha20_xor_bytes(uint8_t *out, const uint8_t *in, const uint8_t *keystream, size_t length);

#endif
