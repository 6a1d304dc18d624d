/* Bitsliced AES put together: keys, nonces, eight blocks, and sixteen. aes-sliced.h has the algorithm. */
#include "aes-sliced.h"

const uint8_t aes_by_rows[16] = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
/* ShiftRows on states that are row by row. */
const uint8_t aes_row_shift[16] = {0, 1, 2, 3, 5, 6, 7, 4, 10, 11, 8, 9, 15, 12, 13, 14};
/* The counter's bytes, lowest first, to the end of each row; zero elsewhere. */
const uint8_t aes_counter_bytes[16] = {128, 128, 128, 3, 128, 128, 128, 2, 128, 128, 128, 1, 128, 128, 128, 0};

/* The same block eight times, in slices. */
static void slice_one(v128_t slices[8], v128_t block) {
    v128_t rows = swizzle(block, from_memory(aes_by_rows));
    for (int bit = 0; bit < 8; bit++) {
        v128_t mask = wasm_i8x16_splat((int8_t)(1 << bit));
        slices[bit] = wasm_i8x16_eq(wasm_v128_and(rows, mask), mask);
    }
}

void aes_slice_key(aes_sliced_key *sliced, const AES_KEY *key) {
    sliced->rounds = key->rounds;
    for (int round = 0; round <= key->rounds; round++) slice_one(sliced->round[round], aes_plain_round_key(key, round));
}

void aes_sliced_nonce(v128_t base[8], v128_t nonce, const aes_sliced_key *key) {
    slice_one(base, wasm_i32x4_replace_lane(nonce, 3, 0));
    aes_add_slices(base, key->round[0]);
}

void aes_sliced_keystream(uint8_t out[128], const aes_sliced_key *key, const v128_t base[8], uint32_t counter) {
    v128_t a[8];
    aes_sliced_counters(a, base, counter);
    for (int round = 1; round < key->rounds; round++) aes_sliced_round(a, key->round[round]);
    aes_sliced_last(a, key->round[key->rounds]);
    for (int i = 0; i < 8; i++) wasm_v128_store(out + 16 * i, a[i]);
}

INLINE void xor_eight(uint8_t *out, const uint8_t *in, const v128_t keystream[8]) {
    for (int i = 0; i < 8; i++)
        wasm_v128_store(out + 16 * i, wasm_v128_xor(wasm_v128_load(in + 16 * i), keystream[i]));
}

void aes_sliced_xor(uint8_t out[256], const uint8_t in[256], const aes_sliced_key *key, const v128_t base[8],
                    uint32_t counter) {
    v128_t a[8], b[8];
    aes_sliced_counters(a, base, counter);
    aes_sliced_counters(b, base, counter + 8);
    for (int round = 1; round < key->rounds; round++) {
        aes_sliced_round(a, key->round[round]);
        aes_sliced_round(b, key->round[round]);
    }
    aes_sliced_last(a, key->round[key->rounds]);
    xor_eight(out, in, a);
    aes_sliced_last(b, key->round[key->rounds]);
    xor_eight(out + 128, in + 128, b);
}
