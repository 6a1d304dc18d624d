/* CBC (SP 800-38A, section 6.2) and CTR (section 6.5) for OpenSSL, in the place of crypto/aes/aes_cbc.c and by AES_CTR_ASM. */
#include <openssl/crypto.h>
#include <openssl/modes.h>
#include "aes-sliced.h"

void AES_ctr32_encrypt(const unsigned char *in, unsigned char *out, size_t blocks, const AES_KEY *key,
                       const unsigned char iv[16]);

/* Encryption is block after block by nature; decryption takes four at a time. */
void AES_cbc_encrypt(const unsigned char *in, unsigned char *out, size_t length, const AES_KEY *key, unsigned char *iv,
                     const int enc) {
    if (enc) {
        CRYPTO_cbc128_encrypt(in, out, length, key, iv, (block128_f)AES_encrypt);
        return;
    }
    v128_t previous = wasm_v128_load(iv);
    for (; length >= 64; length -= 64, in += 64, out += 64) {
        v128_t blocks[4], ciphertext[4];
        for (int i = 0; i < 4; i++) blocks[i] = ciphertext[i] = wasm_v128_load(in + 16 * i);
        aes_decrypt_four(blocks, key);
        for (int i = 0; i < 4; i++) {
            wasm_v128_store(out + 16 * i, wasm_v128_xor(blocks[i], previous));
            previous = ciphertext[i];
        }
    }
    wasm_v128_store(iv, previous);
    if (length > 0) CRYPTO_cbc128_decrypt(in, out, length, key, iv, (block128_f)AES_decrypt);
}

INLINE void xor_block(unsigned char *out, const unsigned char *in, v128_t keystream) {
    wasm_v128_store(out, wasm_v128_xor(wasm_v128_load(in), keystream));
}

static void ctr_many(const unsigned char *in, unsigned char *out, size_t blocks, const AES_KEY *key, v128_t nonce,
                     uint32_t counter) {
    aes_sliced_key sliced;
    v128_t base[8];
    uint8_t keystream[128];
    aes_slice_key(&sliced, key);
    aes_sliced_nonce(base, nonce, &sliced);
    for (; blocks >= 16; blocks -= 16, counter += 16, in += 256, out += 256)
        aes_sliced_xor(out, in, &sliced, base, counter);
    while (blocks > 0) {
        size_t count = blocks < 8 ? blocks : 8;
        aes_sliced_keystream(keystream, &sliced, base, counter);
        for (size_t i = 0; i < count; i++) xor_block(out + 16 * i, in + 16 * i, wasm_v128_load(keystream + 16 * i));
        counter += (uint32_t)count, blocks -= count, in += 16 * count, out += 16 * count;
    }
    OPENSSL_cleanse(&sliced, sizeof sliced);
    OPENSSL_cleanse(base, sizeof base);
    OPENSSL_cleanse(keystream, sizeof keystream);
}

/* The counter's 32 bits wrap without a carry: OpenSSL's CRYPTO_ctr128_encrypt_ctr32 splits there. */
void AES_ctr32_encrypt(const unsigned char *in, unsigned char *out, size_t blocks, const AES_KEY *key,
                       const unsigned char iv[16]) {
    v128_t nonce = wasm_v128_load(iv);
    uint32_t counter = __builtin_bswap32((uint32_t)wasm_i32x4_extract_lane(nonce, 3));
    /* Slicing the key takes as long as some six blocks. */
    if (blocks > 12) {
        ctr_many(in, out, blocks, key, nonce, counter);
        return;
    }
    for (; blocks > 2; counter += 4) {
        v128_t group[4];
        for (uint32_t i = 0; i < 4; i++) group[i] = aes_counter_block(nonce, counter + i);
        aes_encrypt_four(group, key);
        for (int i = 0; i < 4 && blocks > 0; i++, blocks--, in += 16, out += 16) xor_block(out, in, group[i]);
    }
    for (; blocks > 0; blocks--, in += 16, out += 16)
        xor_block(out, in, aes_encrypt_block(aes_counter_block(nonce, counter++), key));
}
