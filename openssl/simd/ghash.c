/* GHASH's tables and reduction; ghash.h has the idea. Also what crypto/modes/gcm128.c calls when GHASH_ASM is defined. */
#include <openssl/crypto.h>
#include <string.h>
#include "ghash.h"

/* One byte on: byte i becomes what byte i - 1 was; the first one comes from the end of `before`. */
INLINE v128_t next_byte(v128_t before, v128_t v) {
    return wasm_i8x16_shuffle(before, v, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
}

/* Times x^n for n of 1 to 7, without what falls off behind; `carried` is next_byte(0, v). */
INLINE v128_t times_x(v128_t v, v128_t carried, int n) {
    v128_t kept = wasm_v128_and(wasm_u16x8_shr(v, (uint32_t)n), wasm_i8x16_splat((int8_t)(0xff >> n)));
    v128_t moved = wasm_v128_and(wasm_i16x8_shl(carried, (uint32_t)(8 - n)), wasm_i8x16_splat((int8_t)(0xff << (8 - n))));
    return wasm_v128_or(kept, moved);
}

/* Adds the sums up, each at its place, and reduces modulo x^128 + x^7 + x^2 + x + 1. */
INLINE v128_t reduce(const v128_t sums[GHASH_SUMS]) {
    const v128_t zero = wasm_i64x2_splat(0);
    /* Horner's rule: low holds x^0 to x^127, high what is above. */
    v128_t low = sums[GHASH_BYTES - 1], high = zero;
    for (int j = GHASH_BYTES - 2; j >= 0; j--) {
        high = next_byte(low, high);
        low = wasm_v128_xor(next_byte(zero, low), sums[j]);
    }
    /* high·(1 + x + x² + x^7): first what these push over x^128 again, which is high's last byte shifted the other way. */
    v128_t last = wasm_u32x4_shr(wasm_i32x4_shuffle(high, zero, 3, 4, 4, 4), 24);
    v128_t over = wasm_v128_xor(wasm_i32x4_shl(last, 7), wasm_v128_xor(wasm_i32x4_shl(last, 6), wasm_i32x4_shl(last, 1)));
    high = wasm_v128_xor(high, wasm_v128_and(over, wasm_i32x4_const(0xff, 0, 0, 0)));
    v128_t carried = next_byte(zero, high);
    v128_t sum = wasm_v128_xor(wasm_v128_xor(times_x(high, carried, 1), times_x(high, carried, 2)), times_x(high, carried, 7));
    return wasm_v128_xor(wasm_v128_xor(low, high), sum);
}

/* One group of sums, of the blocks at `first` to 7; their nibbles are in `high` and `low`. */
INLINE void sum_group(v128_t sums[GHASH_SUMS], const ghash_key *key, const v128_t high[GHASH_MOST],
                      const v128_t low[GHASH_MOST], int group, int first) {
    v128_t sum[GHASH_GROUP];
    for (int j = 0; j < GHASH_GROUP; j++) sum[j] = wasm_i64x2_splat(0);
#pragma clang loop unroll(disable)
    for (int i = first; i < GHASH_MOST; i++) {
        for (int j = 0; j < GHASH_GROUP; j++) {
            const v128_t *table = key->tables[group][i][j];
            sum[j] = wasm_v128_xor(sum[j], wasm_v128_xor(swizzle(table[0], high[i]), swizzle(table[1], low[i])));
        }
    }
    for (int j = 0; j < GHASH_GROUP; j++) sums[GHASH_GROUP * group + j] = sum[j];
}

v128_t ghash_blocks(v128_t hash, const ghash_key *key, const uint8_t *blocks, size_t n) {
    v128_t high[GHASH_MOST], low[GHASH_MOST], sums[GHASH_SUMS];
    const int first = GHASH_MOST - (int)n;
    for (int i = first; i < GHASH_MOST; i++, blocks += 16) {
        v128_t block = wasm_v128_xor(wasm_v128_load(blocks), hash);
        high[i] = high_nibbles(block), low[i] = low_nibbles(block);
        hash = wasm_i64x2_splat(0);
    }
    for (int group = 0; group < GHASH_GROUPS; group++) sum_group(sums, key, high, low, group, first);
    return reduce(sums);
}

/* Puts the tables of one power of H in place. */
static void make_tables(ghash_key *key, int place, v128_t h) {
    /* Which of the sixteen nibbles have x^0, x^1, x^2 and x^3. */
    const v128_t has[4] = {
        wasm_i8x16_const(0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1),
        wasm_i8x16_const(0, 0, 0, 0, -1, -1, -1, -1, 0, 0, 0, 0, -1, -1, -1, -1),
        wasm_i8x16_const(0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1),
        wasm_i8x16_const(0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1),
    };
    const v128_t zero = wasm_i64x2_splat(0);
    v128_t carried = next_byte(zero, h), multiples[4] = {h, times_x(h, carried, 1), times_x(h, carried, 2), times_x(h, carried, 3)};
    v128_t over = next_byte(h, zero); /* byte 16 of the multiples is their last byte's overflow */
    v128_t overflow[4] = {zero, times_x(zero, over, 1), times_x(zero, over, 2), times_x(zero, over, 3)};
    v128_t before = zero;
    for (int j = 0; j < GHASH_BYTES; j++) {
        v128_t index = wasm_i8x16_splat((int8_t)(j & 15)), high = zero;
        for (int e = 0; e < 4; e++)
            high = wasm_v128_xor(high, wasm_v128_and(swizzle(j < 16 ? multiples[e] : overflow[e], index), has[e]));
        v128_t low = wasm_v128_or(high_nibbles(high), wasm_v128_and(wasm_i16x8_shl(before, 4), wasm_i8x16_splat((int8_t)0xf0)));
        v128_t *table = key->tables[j / GHASH_GROUP][place][j % GHASH_GROUP];
        table[0] = high, table[1] = low;
        before = high;
    }
}

void ghash_set_key(ghash_key *key, v128_t h) {
    v128_t power = h;
    uint8_t block[16];
    memset(key, 0, sizeof *key);
    make_tables(key, GHASH_MOST - 1, h);
    for (int place = GHASH_MOST - 2; place >= 0; place--) {
        wasm_v128_store(block, power);
        power = ghash_blocks(wasm_i64x2_splat(0), key, block, 1);
        make_tables(key, place, power);
    }
    OPENSSL_cleanse(block, sizeof block);
}

/* ---- for OpenSSL's own GCM, which no cipher of a provider uses here: slow and in constant time ----------------------------- */

typedef struct { uint64_t hi, lo; } half_words;
void gcm_gmult_4bit(uint64_t hash[2], const half_words table[16]);
void gcm_ghash_4bit(uint64_t hash[2], const half_words table[16], const uint8_t *in, size_t length);

/* Bit by bit; of OpenSSL's table only H itself is used, at 8. */
void gcm_gmult_4bit(uint64_t hash[2], const half_words table[16]) {
    uint64_t x[2] = {__builtin_bswap64(hash[0]), __builtin_bswap64(hash[1])};
    half_words v = table[8], sum = {0, 0};
    for (int bit = 0; bit < 128; bit++) {
        uint64_t take = 0 - (x[bit / 64] >> (63 - bit % 64) & 1), over = 0 - (v.lo & 1);
        sum.hi ^= v.hi & take, sum.lo ^= v.lo & take;
        v.lo = v.hi << 63 | v.lo >> 1;
        v.hi = v.hi >> 1 ^ (over & 0xe100000000000000);
    }
    hash[0] = __builtin_bswap64(sum.hi), hash[1] = __builtin_bswap64(sum.lo);
}

void gcm_ghash_4bit(uint64_t hash[2], const half_words table[16], const uint8_t *in, size_t length) {
    for (; length >= 16; length -= 16, in += 16) {
        wasm_v128_store(hash, wasm_v128_xor(wasm_v128_load(hash), wasm_v128_load(in)));
        gcm_gmult_4bit(hash, table);
    }
}
