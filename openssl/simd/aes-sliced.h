/*
 * AES in counter mode for many blocks, bitsliced (E. Käsper and P. Schwabe, "Faster and Timing-Attack Resistant AES-GCM", CHES
 * 2009): eight blocks in eight vectors, vector b holding bit b of all their bytes. A vector's bytes are the state's positions,
 * row by row, so that MixColumns turns whole vectors by 32-bit lanes; a byte's bits are the eight blocks.
 * Two such batches go through the rounds by turns: neither has to wait for its own latest result.
 */
#ifndef PYODIDE_SSL_SIMD_AES_SLICED_H
#define PYODIDE_SSL_SIMD_AES_SLICED_H

#include "aes.h"

enum { AES_SLICED_MAX = 15 };

/* Round keys, each bit as a byte of zeros or ones. SubBytes' constant is in all but the first. */
typedef struct {
    v128_t round[AES_SLICED_MAX][8];
    int rounds;
} aes_sliced_key;

void aes_slice_key(aes_sliced_key *sliced, const AES_KEY *key);

extern const uint8_t aes_by_rows[16], aes_row_shift[16], aes_counter_bytes[16];

/* Exchanges the bits of `a` above those in `mask` with the bits of `b` in `mask`. */
INLINE void swap_bits(v128_t *a, v128_t *b, int shift, v128_t mask) {
    v128_t both = wasm_v128_and(wasm_v128_xor(wasm_u64x2_shr(*a, (uint32_t)shift), *b), mask);
    *b = wasm_v128_xor(*b, both);
    *a = wasm_v128_xor(*a, wasm_i64x2_shl(both, (uint32_t)shift));
}

/* Bit j of vector i and bit i of vector j change places, in every byte: from blocks to slices, and from slices to blocks. */
INLINE void aes_transpose_bits(v128_t q[8]) {
    for (int i = 0; i < 8; i += 2) swap_bits(&q[i], &q[i + 1], 1, wasm_i8x16_splat(0x55));
    for (int i = 0; i < 8; i += i % 2 ? 3 : 1) swap_bits(&q[i], &q[i + 2], 2, wasm_i8x16_splat(0x33));
    for (int i = 0; i < 4; i++) swap_bits(&q[i], &q[i + 4], 4, wasm_i8x16_splat(0x0f));
}

/*
 * SubBytes without its constant: the circuit of J. Boyar and R. Peralta, "A Small Depth-16 Circuit for the AES S-Box" (2012),
 * in its form of 2010 with 115 gates; names are the paper's. x[7] and s[7] are the lowest bits there, hence the order.
 */
INLINE void aes_sub_slices(v128_t q[8]) {
#define XOR(a, b) wasm_v128_xor(a, b)
#define AND(a, b) wasm_v128_and(a, b)
    v128_t x0 = q[7], x1 = q[6], x2 = q[5], x3 = q[4], x4 = q[3], x5 = q[2], x6 = q[1], x7 = q[0];
    v128_t y14 = XOR(x3, x5), y13 = XOR(x0, x6), y9 = XOR(x0, x3), y8 = XOR(x0, x5), t0 = XOR(x1, x2);
    v128_t y1 = XOR(t0, x7), y4 = XOR(y1, x3), y12 = XOR(y13, y14), y2 = XOR(y1, x0), y5 = XOR(y1, x6);
    v128_t y3 = XOR(y5, y8), t1 = XOR(x4, y12), y15 = XOR(t1, x5), y20 = XOR(t1, x1), y6 = XOR(y15, x7);
    v128_t y10 = XOR(y15, t0), y11 = XOR(y20, y9), y7 = XOR(x7, y11), y17 = XOR(y10, y11), y19 = XOR(y10, y8);
    v128_t y16 = XOR(t0, y11), y21 = XOR(y13, y16), y18 = XOR(x0, y16);

    v128_t t2 = AND(y12, y15), t4 = XOR(AND(y3, y6), t2), t6 = XOR(AND(y4, x7), t2);
    v128_t t7 = AND(y13, y16), t9 = XOR(AND(y5, y1), t7), t11 = XOR(AND(y2, y7), t7);
    v128_t t12 = AND(y9, y11), t14 = XOR(AND(y14, y17), t12), t16 = XOR(AND(y8, y10), t12);
    v128_t t21 = XOR(XOR(t4, t14), y20), t22 = XOR(XOR(t6, t16), y19);
    v128_t t23 = XOR(XOR(t9, t14), y21), t24 = XOR(XOR(t11, t16), y18);
    v128_t t25 = XOR(t21, t22), t26 = AND(t21, t23), t27 = XOR(t24, t26), t29 = XOR(AND(t25, t27), t22);
    v128_t t33 = XOR(AND(XOR(t22, t26), XOR(t23, t24)), t24), t34 = XOR(t23, t33), t35 = XOR(t27, t33);
    v128_t t36 = AND(t24, t35), t37 = XOR(t36, t34), t38 = XOR(t27, t36), t40 = XOR(t25, AND(t29, t38));
    v128_t t41 = XOR(t40, t37), t42 = XOR(t29, t33), t43 = XOR(t29, t40), t44 = XOR(t33, t37), t45 = XOR(t42, t41);

    v128_t z0 = AND(t44, y15), z1 = AND(t37, y6), z2 = AND(t33, x7), z3 = AND(t43, y16), z4 = AND(t40, y1);
    v128_t z5 = AND(t29, y7), z6 = AND(t42, y11), z7 = AND(t45, y17), z8 = AND(t41, y10), z9 = AND(t44, y12);
    v128_t z10 = AND(t37, y3), z11 = AND(t33, y4), z12 = AND(t43, y13), z13 = AND(t40, y5), z14 = AND(t29, y2);
    v128_t z15 = AND(t42, y9), z16 = AND(t45, y14), z17 = AND(t41, y8);

    v128_t t46 = XOR(z15, z16), t47 = XOR(z10, z11), t48 = XOR(z5, z13), t49 = XOR(z9, z10), t50 = XOR(z2, z12);
    v128_t t51 = XOR(z2, z5), t52 = XOR(z7, z8), t53 = XOR(z0, z3), t54 = XOR(z6, z7), t55 = XOR(z16, z17);
    v128_t t56 = XOR(z12, t48), t57 = XOR(t50, t53), t58 = XOR(z4, t46), t59 = XOR(z3, t54), t60 = XOR(t46, t57);
    v128_t t61 = XOR(z14, t57), t62 = XOR(t52, t58), t63 = XOR(t49, t58), t64 = XOR(z4, t59), t65 = XOR(t61, t62);
    v128_t t66 = XOR(z1, t63), t67 = XOR(t64, t65), s3 = XOR(t53, t66);
    q[7] = XOR(t59, t63), q[6] = XOR(t64, s3), q[5] = XOR(t55, t67), q[4] = s3;
    q[3] = XOR(t51, t66), q[2] = XOR(t47, t65), q[1] = XOR(t56, t62), q[0] = XOR(t48, t60);
#undef AND
}

INLINE void aes_shift_row_slices(v128_t q[8]) {
    v128_t by_row = from_memory(aes_row_shift);
    for (int b = 0; b < 8; b++) q[b] = swizzle(q[b], by_row);
}

/* MixColumns and AddRoundKey: 2·(r0 + r1) + r1 + (r2 + r3), where doubling moves each bit to the next slice. */
INLINE void aes_mix_column_slices(v128_t q[8], const v128_t key[8]) {
    v128_t next[8], sum[8];
    for (int b = 0; b < 8; b++) {
        next[b] = wasm_i32x4_shuffle(q[b], q[b], 1, 2, 3, 0);
        sum[b] = XOR(q[b], next[b]);
    }
    for (int b = 0; b < 8; b++) {
        v128_t others = XOR(wasm_i32x4_shuffle(sum[b], sum[b], 2, 3, 0, 1), XOR(next[b], key[b]));
        q[b] = XOR(others, sum[(b + 7) % 8]);
        if (b == 1 || b == 3 || b == 4) q[b] = XOR(q[b], sum[7]); /* x^8 is x^4 + x^3 + x + 1 */
    }
}

INLINE void aes_add_slices(v128_t q[8], const v128_t key[8]) {
    for (int b = 0; b < 8; b++) q[b] = XOR(q[b], key[b]);
}
#undef XOR

INLINE void aes_sliced_round(v128_t q[8], const v128_t key[8]) {
    aes_sub_slices(q);
    aes_shift_row_slices(q);
    aes_mix_column_slices(q, key);
}

/* The last round, and back to blocks. */
INLINE void aes_sliced_last(v128_t q[8], const v128_t key[8]) {
    v128_t by_rows = from_memory(aes_by_rows);
    aes_sub_slices(q);
    aes_shift_row_slices(q);
    aes_add_slices(q, key);
    aes_transpose_bits(q);
    for (int i = 0; i < 8; i++) q[i] = swizzle(q[i], by_rows);
}

/* Counter blocks of one nonce, sliced and with the first round key added, but for the counter: the part that stays. */
void aes_sliced_nonce(v128_t base[8], v128_t nonce, const aes_sliced_key *key);

/* Four bits that are eight bits apart, each as a byte of zeros or ones. */
INLINE uint32_t spread_bits(uint32_t counter, int bit) { return (counter >> bit & 0x01010101) * 0xff; }

/*
 * Eight counter blocks from `counter` on, in slices. Of the counter only the lowest three bits differ from block to block in a
 * pattern; the others are one number up to some block, and the next one from there.
 */
INLINE void aes_sliced_counters(v128_t q[8], const v128_t base[8], uint32_t counter) {
    static const uint16_t patterns[3] = {0xaaaa, 0xcccc, 0xf0f0};
    v128_t place = from_memory(aes_counter_bytes);
    uint32_t offset = counter & 7, low = counter - offset, high = low + 8;
    uint32_t is_high = (0xffu << (8 - offset) & 0xff) * 0x01010101;
    for (int bit = 0; bit < 8; bit++) {
        uint32_t word = spread_bits(low, bit) ^ ((spread_bits(low, bit) ^ spread_bits(high, bit)) & is_high);
        if (bit < 3) word |= patterns[bit] >> offset & 0xff;
        q[bit] = wasm_v128_xor(base[bit], swizzle(wasm_i32x4_splat((int32_t)word), place));
    }
}

/* Eight blocks of keystream. */
void aes_sliced_keystream(uint8_t out[128], const aes_sliced_key *key, const v128_t base[8], uint32_t counter);

/* Encrypts sixteen blocks, the fast way; `out` may be `in`. */
void aes_sliced_xor(uint8_t out[256], const uint8_t in[256], const aes_sliced_key *key, const v128_t base[8], uint32_t counter);

#endif
