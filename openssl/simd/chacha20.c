/* ChaCha20 for OpenSSL: ChaCha20_ctr32, in the place of crypto/chacha/chacha_enc.c. */
#include <openssl/crypto.h>
#include "crypto/chacha.h"
#include "chacha20.h"

const uint8_t chacha20_by_16[16] = {2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13};
const uint8_t chacha20_by_8[16] = {3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14};

INLINE void four_blocks(v128_t v[16], const uint32_t key[8], const uint32_t counter[4]) {
    v128_t by_16 = from_memory(chacha20_by_16), by_8 = from_memory(chacha20_by_8);
    chacha20_load(v, key, counter);
    for (int i = 0; i < 10; i++) chacha20_double_round(v, by_16, by_8);
    chacha20_keystream(v, key, counter);
}

void chacha20_four_blocks(uint8_t out[CHACHA20_WIDE], const uint32_t key[8], const uint32_t counter[4]) {
    v128_t v[16];
    four_blocks(v, key, counter);
    for (int i = 0; i < 16; i++) wasm_v128_store(out + 16 * i, v[i]);
}

void chacha20_xor_bytes(uint8_t *out, const uint8_t *in, const uint8_t *keystream, size_t length) {
    size_t i = 0;
    for (; i + 16 <= length; i += 16)
        wasm_v128_store(out + i, wasm_v128_xor(wasm_v128_load(in + i), wasm_v128_load(keystream + i)));
    for (; i < length; i++) out[i] = in[i] ^ keystream[i];
}

/* One block, a vector for each row of the state: half the time of four blocks side by side. */
static void one_block(uint8_t out[CHACHA20_BLOCK], const uint32_t key[8], const uint32_t counter[4]) {
    v128_t by_16 = from_memory(chacha20_by_16), by_8 = from_memory(chacha20_by_8);
    v128_t row[4] = {wasm_i32x4_const(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574), wasm_v128_load(key),
                     wasm_v128_load(key + 4), wasm_v128_load(counter)};
    v128_t a = row[0], b = row[1], c = row[2], d = row[3];
    for (int i = 0; i < 10; i++) {
        quarter_round(&a, &b, &c, &d, by_16, by_8);
        /* Diagonals become columns, and back. */
        b = wasm_i32x4_shuffle(b, b, 1, 2, 3, 0), c = wasm_i32x4_shuffle(c, c, 2, 3, 0, 1);
        d = wasm_i32x4_shuffle(d, d, 3, 0, 1, 2);
        quarter_round(&a, &b, &c, &d, by_16, by_8);
        b = wasm_i32x4_shuffle(b, b, 3, 0, 1, 2), c = wasm_i32x4_shuffle(c, c, 2, 3, 0, 1);
        d = wasm_i32x4_shuffle(d, d, 1, 2, 3, 0);
    }
    wasm_v128_store(out, wasm_i32x4_add(a, row[0]));
    wasm_v128_store(out + 16, wasm_i32x4_add(b, row[1]));
    wasm_v128_store(out + 32, wasm_i32x4_add(c, row[2]));
    wasm_v128_store(out + 48, wasm_i32x4_add(d, row[3]));
}

/* The counter's 32 bits wrap without a carry, as OpenSSL's own does: its callers split there. */
void ChaCha20_ctr32(unsigned char *out, const unsigned char *in, size_t length, const unsigned int key[8],
                    const unsigned int counter[4]) {
    uint32_t here[4] = {counter[0], counter[1], counter[2], counter[3]};
    for (; length >= CHACHA20_WIDE; length -= CHACHA20_WIDE) {
        v128_t v[16];
        four_blocks(v, key, here);
        chacha20_xor(out, in, v);
        here[0] += 4, in += CHACHA20_WIDE, out += CHACHA20_WIDE;
    }
    if (length == 0) return;
    uint8_t keystream[CHACHA20_WIDE];
    if (length <= CHACHA20_BLOCK) one_block(keystream, key, here);
    else chacha20_four_blocks(keystream, key, here);
    chacha20_xor_bytes(out, in, keystream, length);
    OPENSSL_cleanse(keystream, sizeof keystream);
}
