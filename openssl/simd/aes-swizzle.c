/*
 * AES (FIPS-197) by swizzles, after M. Hamburg, "Accelerating AES with Vector Permute Instructions" (CHES 2009): key schedules
 * and few blocks. SubBytes is an inversion in GF(2^4)[s], done by look-ups in tables of sixteen bytes that are registers;
 * aes-tables.ts derives them. Between rounds the state stays in that basis, and the tables behind the inversion give what
 * MixColumns needs, multiples and all.
 */
#include <openssl/crypto.h>
#include <string.h>
#include "aes.h"
#include "aes-tables.h"

/* Byte r + 4c is row r of column c. */
static const uint8_t shift_rows[16] = {0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11};
static const uint8_t inverse_shift_rows[16] = {0, 13, 10, 7, 4, 1, 14, 11, 8, 5, 2, 15, 12, 9, 6, 3};
static const uint8_t row_up[16] = {1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12}; /* row r becomes what r + 1 was */

typedef struct { v128_t u, v; } inverted; /* what the tables behind the inversion are looked up by */

INLINE v128_t map_nibbles(const uint8_t tables[2][16], v128_t bytes) {
    return wasm_v128_xor(swizzle(from_memory(tables[0]), low_nibbles(bytes)),
                         swizzle(from_memory(tables[1]), high_nibbles(bytes)));
}

INLINE inverted invert(v128_t state) {
    v128_t one_over = from_memory(aes_invert[0]), a_over = from_memory(aes_invert[1]);
    v128_t k = low_nibbles(state), i = high_nibbles(state), j = wasm_v128_xor(i, k);
    v128_t a_k = swizzle(a_over, k);
    v128_t i_k = wasm_v128_xor(swizzle(one_over, i), a_k), j_k = wasm_v128_xor(swizzle(one_over, j), a_k);
    return (inverted){wasm_v128_xor(swizzle(one_over, i_k), j), wasm_v128_xor(swizzle(one_over, j_k), i)};
}

INLINE v128_t image(const uint8_t tables[2][16], inverted x) {
    return wasm_v128_xor(swizzle(from_memory(tables[0]), x.u), swizzle(from_memory(tables[1]), x.v));
}

/* ShiftRows, SubBytes, MixColumns, AddRoundKey */
INLINE v128_t encrypt_round(v128_t state, v128_t round_key) {
    v128_t up = from_memory(row_up);
    inverted x = invert(swizzle(state, from_memory(shift_rows)));
    v128_t once = image(aes_sub, x), twice = image(aes_sub_2, x);
    /* 2·r0 + 3·r1 + r2 + r3 */
    v128_t next = swizzle(once, up), sum = wasm_v128_xor(twice, next);
    return wasm_v128_xor(wasm_v128_xor(sum, round_key), swizzle(wasm_v128_xor(sum, swizzle(next, up)), up));
}

INLINE v128_t encrypt_last(v128_t state, v128_t round_key) {
    return wasm_v128_xor(image(aes_sub_out, invert(swizzle(state, from_memory(shift_rows)))), round_key);
}

/* InvShiftRows, InvSubBytes, InvMixColumns, AddRoundKey: FIPS-197's equivalent inverse cipher (section 5.3.5) */
INLINE v128_t decrypt_round(v128_t state, v128_t round_key) {
    v128_t up = from_memory(row_up);
    inverted x = invert(swizzle(state, from_memory(inverse_shift_rows)));
    v128_t sum = swizzle(image(aes_inverse_9, x), up);
    sum = swizzle(wasm_v128_xor(sum, image(aes_inverse_13, x)), up);
    sum = swizzle(wasm_v128_xor(sum, image(aes_inverse_11, x)), up);
    return wasm_v128_xor(wasm_v128_xor(sum, image(aes_inverse_14, x)), round_key);
}

INLINE v128_t decrypt_last(v128_t state, v128_t round_key) {
    return wasm_v128_xor(image(aes_inverse_out, invert(swizzle(state, from_memory(inverse_shift_rows)))), round_key);
}

INLINE void encrypt_blocks(v128_t *blocks, int count, const AES_KEY *key) {
    for (int b = 0; b < count; b++)
        blocks[b] = wasm_v128_xor(map_nibbles(aes_to_tower, blocks[b]), aes_round_key(key, 0));
    for (int round = 1; round < key->rounds; round++)
        for (int b = 0; b < count; b++) blocks[b] = encrypt_round(blocks[b], aes_round_key(key, round));
    for (int b = 0; b < count; b++) blocks[b] = encrypt_last(blocks[b], aes_round_key(key, key->rounds));
}

INLINE void decrypt_blocks(v128_t *blocks, int count, const AES_KEY *key) {
    for (int b = 0; b < count; b++)
        blocks[b] = wasm_v128_xor(map_nibbles(aes_to_inverse, blocks[b]), aes_round_key(key, 0));
    for (int round = 1; round < key->rounds; round++)
        for (int b = 0; b < count; b++) blocks[b] = decrypt_round(blocks[b], aes_round_key(key, round));
    for (int b = 0; b < count; b++) blocks[b] = decrypt_last(blocks[b], aes_round_key(key, key->rounds));
}

v128_t aes_encrypt_block(v128_t block, const AES_KEY *key) {
    encrypt_blocks(&block, 1, key);
    return block;
}

void aes_encrypt_four(v128_t blocks[4], const AES_KEY *key) { encrypt_blocks(blocks, 4, key); }
void aes_decrypt_four(v128_t blocks[4], const AES_KEY *key) { decrypt_blocks(blocks, 4, key); }

v128_t aes_plain_round_key(const AES_KEY *key, int round) {
    v128_t round_key = aes_round_key(key, round);
    return round == key->rounds ? round_key : map_nibbles(aes_from_tower, round_key);
}

/* ---- OpenSSL's functions, in the place of crypto/aes/aes_core.c ----------------------------------------------------------- */

void AES_encrypt(const unsigned char *in, unsigned char *out, const AES_KEY *key) {
    v128_t block = wasm_v128_load(in);
    encrypt_blocks(&block, 1, key);
    wasm_v128_store(out, block);
}

void AES_decrypt(const unsigned char *in, unsigned char *out, const AES_KEY *key) {
    v128_t block = wasm_v128_load(in);
    decrypt_blocks(&block, 1, key);
    wasm_v128_store(out, block);
}

/* SubWord of FIPS-197, section 5.2 */
static uint32_t sub_word(uint32_t word) {
    inverted x = invert(map_nibbles(aes_to_tower, wasm_i32x4_splat((int32_t)word)));
    return (uint32_t)wasm_i32x4_extract_lane(image(aes_sub_out, x), 0) ^ 0x63636363;
}

/* FIPS-197's round keys, four words each. 0, or what AES_set_encrypt_key answers on failure. */
static int expand_key(uint32_t words[60], const unsigned char *user_key, int bits, AES_KEY *key) {
    if (user_key == NULL || key == NULL) return -1;
    if (bits != 128 && bits != 192 && bits != 256) return -2;
    const int length = bits / 32;
    key->rounds = length + 6;
    memcpy(words, user_key, (size_t)bits / 8);
    uint32_t rcon = 1;
    for (int i = length; i < 4 * (key->rounds + 1); i++) {
        uint32_t word = words[i - 1];
        if (i % length == 0) {
            word = sub_word(word >> 8 | word << 24) ^ rcon;
            rcon = rcon << 1 ^ (rcon >> 7) * 0x11b;
        } else if (length > 6 && i % length == 4) {
            word = sub_word(word);
        }
        words[i] = words[i - length] ^ word;
    }
    return 0;
}

INLINE v128_t times_2(v128_t v) {
    return wasm_v128_xor(wasm_i8x16_shl(v, 1), wasm_v128_and(wasm_i8x16_shr(v, 7), wasm_i8x16_splat(0x1b)));
}

/* 14·r0 + 11·r1 + 13·r2 + 9·r3 */
static v128_t inverse_mix_columns(v128_t v) {
    v128_t up = from_memory(row_up), v2 = times_2(v), v4 = times_2(v2), v8 = times_2(v4), v9 = wasm_v128_xor(v8, v);
    v128_t sum = swizzle(v9, up);
    sum = swizzle(wasm_v128_xor(sum, wasm_v128_xor(v9, v4)), up);
    sum = swizzle(wasm_v128_xor(sum, wasm_v128_xor(v9, v2)), up);
    return wasm_v128_xor(sum, wasm_v128_xor(v8, wasm_v128_xor(v4, v2)));
}

int AES_set_encrypt_key(const unsigned char *user_key, const int bits, AES_KEY *key) {
    uint32_t words[60];
    int failure = expand_key(words, user_key, bits, key);
    if (failure != 0) return failure;
    for (int round = 0; round <= key->rounds; round++) {
        v128_t v = wasm_v128_load(words + 4 * round);
        if (round > 0) v = wasm_v128_xor(v, wasm_i8x16_splat(0x63));
        wasm_v128_store(key->rd_key + 4 * round, round == key->rounds ? v : map_nibbles(aes_to_tower, v));
    }
    OPENSSL_cleanse(words, sizeof words);
    return 0;
}

int AES_set_decrypt_key(const unsigned char *user_key, const int bits, AES_KEY *key) {
    uint32_t words[60];
    int failure = expand_key(words, user_key, bits, key);
    if (failure != 0) return failure;
    for (int round = 0; round <= key->rounds; round++) {
        v128_t v = wasm_v128_load(words + 4 * (key->rounds - round));
        if (round > 0 && round < key->rounds) v = inverse_mix_columns(v);
        if (round < key->rounds)
            v = wasm_v128_xor(map_nibbles(aes_to_inverse, v), wasm_i8x16_splat((int8_t)AES_63_INVERSE));
        wasm_v128_store(key->rd_key + 4 * round, v);
    }
    OPENSSL_cleanse(words, sizeof words);
    return 0;
}
