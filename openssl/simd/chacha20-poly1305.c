/*
 * ChaCha20-Poly1305 (RFC 8439, section 2.8) for OpenSSL's provider, in the place of its cipher_chacha20_poly1305_hw.c: cipher
 * and MAC in one pass. Poly1305 computes with the processor's multipliers and ChaCha20 with its vector units, so each double
 * round of the one takes two blocks of the other along, nearly for nothing.
 *
 * A short record needs one computation only: four blocks of keystream are the MAC's key and the first 192 bytes. For that the
 * start is put off until the text comes, as long as there is not more additional data than TLS has.
 */
#include <openssl/crypto.h>
#include "cipher_chacha20_poly1305.h"
#include "chacha20.h"
#include "poly1305.h"

typedef PROV_CHACHA20_POLY1305_CTX context;

enum { HEAD = CHACHA20_WIDE - CHACHA20_BLOCK }; /* bytes of text that the first four blocks are enough for */
static const uint8_t zeros[POLY1305_BLOCK_SIZE];

/* ---- the nonce and the key ------------------------------------------------------------------------------------------- */

static void forget_message(context *ctx) {
    ctx->len.aad = ctx->len.text = 0;
    ctx->aad = ctx->mac_inited = 0;
    ctx->tls_payload_length = NO_TLS_PAYLOAD_LENGTH;
}

static int init_key(PROV_CIPHER_CTX *base, const unsigned char *key, size_t key_length) {
    context *ctx = (context *)base;
    forget_message(ctx);
    return base->enc ? ossl_chacha20_einit(&ctx->chacha, key, key_length, NULL, 0, NULL)
                     : ossl_chacha20_dinit(&ctx->chacha, key, key_length, NULL, 0, NULL);
}

static int init_iv(PROV_CIPHER_CTX *base) {
    context *ctx = (context *)base;
    unsigned char counter[CHACHA_CTR_SIZE] = {0}; /* the counter, then the nonce */
    forget_message(ctx);
    memcpy(counter + sizeof counter - CHACHA20_POLY1305_IVLEN, base->oiv, CHACHA20_POLY1305_IVLEN);
    int ok = base->enc ? ossl_chacha20_einit(&ctx->chacha, NULL, 0, counter, sizeof counter, NULL)
                       : ossl_chacha20_dinit(&ctx->chacha, NULL, 0, counter, sizeof counter, NULL);
    memcpy(ctx->nonce, ctx->chacha.counter + 1, sizeof ctx->nonce);
    base->iv_set = 1;
    return ok;
}

/* TLS 1.2 (RFC 7905): the fixed nonce of a connection... */
static int tls_set_fixed_iv(PROV_CIPHER_CTX *base, unsigned char *fixed, size_t length) {
    context *ctx = (context *)base;
    if (length != CHACHA20_POLY1305_IVLEN) return 0;
    for (int i = 0; i < 3; i++) ctx->nonce[i] = ctx->chacha.counter[1 + i] = load_32(fixed + 4 * i);
    return 1;
}

/* ...and its additional data for each record, which begin with the sequence number and end with the length. */
static int tls_init(PROV_CIPHER_CTX *base, unsigned char *aad, size_t length) {
    context *ctx = (context *)base;
    if (length != EVP_AEAD_TLS1_AAD_LEN) return 0;
    forget_message(ctx);
    memcpy(ctx->tls_aad, aad, length);
    unsigned int text = (unsigned int)aad[length - 2] << 8 | aad[length - 1];
    if (!base->enc) {
        if (text < POLY1305_BLOCK_SIZE) return 0;
        text -= POLY1305_BLOCK_SIZE;
        ctx->tls_aad[length - 2] = (unsigned char)(text >> 8);
        ctx->tls_aad[length - 1] = (unsigned char)text;
    }
    ctx->tls_payload_length = text;
    ctx->len.aad = length;
    ctx->chacha.counter[1] = ctx->nonce[0];
    ctx->chacha.counter[2] = ctx->nonce[1] ^ load_32(aad);
    ctx->chacha.counter[3] = ctx->nonce[2] ^ load_32(aad + 4);
    return POLY1305_BLOCK_SIZE;
}

/* ---- text ------------------------------------------------------------------------------------------------------------ */

static void pad_mac(context *ctx, uint64_t length) {
    Poly1305_Update(&ctx->poly1305, zeros, (size_t)(-length & (POLY1305_BLOCK_SIZE - 1)));
}

/* The MAC's key is the first block of keystream. The additional data so far, when they were put off, are in tls_aad. */
static void start_mac(context *ctx, const uint8_t key[POLY1305_KEY_SIZE]) {
    Poly1305_Init(&ctx->poly1305, key);
    Poly1305_Update(&ctx->poly1305, ctx->tls_aad, (size_t)ctx->len.aad);
    ctx->chacha.counter[0] = 1;
    ctx->chacha.partial_len = 0;
    ctx->mac_inited = 1;
    ctx->aad = 1;
}

static void start_without_text(context *ctx) {
    uint8_t key[POLY1305_KEY_SIZE] = {0};
    ctx->chacha.counter[0] = 0;
    ChaCha20_ctr32(key, key, sizeof key, ctx->chacha.key.d, ctx->chacha.counter);
    start_mac(ctx, key);
    OPENSSL_cleanse(key, sizeof key);
}

/* Text, with keystream at hand that begins at the counter's block. Of a block's rest OpenSSL's chacha20_cipher is told. */
static void crypt_by_keystream(context *ctx, uint8_t *out, const uint8_t *in, size_t length, const uint8_t *keystream) {
    if (!ctx->base.enc) Poly1305_Update(&ctx->poly1305, in, length);
    chacha20_xor_bytes(out, in, keystream, length);
    if (ctx->base.enc) Poly1305_Update(&ctx->poly1305, out, length);
    ctx->chacha.counter[0] += length / CHACHA20_BLOCK;
    ctx->chacha.partial_len = length % CHACHA20_BLOCK;
    if (ctx->chacha.partial_len > 0) memcpy(ctx->chacha.buf, keystream + length - ctx->chacha.partial_len, CHACHA20_BLOCK);
}

/* 256 bytes, and a MAC over 256 bytes meanwhile. In place the MAC's bytes are read before they are overwritten. */
INLINE poly1305_number crypt_and_mac(context *ctx, uint8_t *out, const uint8_t *in, const poly1305_state *st,
                                     poly1305_number h, const uint8_t *to_mac) {
    v128_t by_16 = from_memory(chacha20_by_16), by_8 = from_memory(chacha20_by_8), v[16];
    chacha20_load(v, ctx->chacha.key.d, ctx->chacha.counter);
    for (int i = 0; i < 8; i++) {
        chacha20_double_round(v, by_16, by_8);
        for (int j = 0; j < 2; j++) h = poly1305_block(h, st, to_mac + 32 * i + 16 * j, 1);
    }
    for (int i = 0; i < 2; i++) chacha20_double_round(v, by_16, by_8);
    chacha20_keystream(v, ctx->chacha.key.d, ctx->chacha.counter);
    chacha20_xor(out, in, v);
    ctx->chacha.counter[0] += 4;
    return h;
}

/* A multiple of 256 bytes. Of what is encrypted the MAC is one step behind. */
static void crypt_wide(context *ctx, uint8_t *out, const uint8_t *in, size_t length) {
    poly1305_state *st = (poly1305_state *)ctx->poly1305.opaque;
    const uint8_t *end = in + length;
    if (ctx->base.enc) {
        ChaCha20_ctr32(out, in, CHACHA20_WIDE, ctx->chacha.key.d, ctx->chacha.counter);
        ctx->chacha.counter[0] += 4;
        in += CHACHA20_WIDE, out += CHACHA20_WIDE;
    }
    poly1305_number h = st->sum;
    for (; in < end; in += CHACHA20_WIDE, out += CHACHA20_WIDE)
        h = crypt_and_mac(ctx, out, in, st, h, ctx->base.enc ? out - CHACHA20_WIDE : in);
    st->sum = h;
    if (ctx->base.enc) Poly1305_Update(&ctx->poly1305, out - CHACHA20_WIDE, CHACHA20_WIDE);
}

static void crypt_in_parts(context *ctx, uint8_t *out, const uint8_t *in, size_t length) {
    if (!ctx->base.enc) Poly1305_Update(&ctx->poly1305, in, length);
    ctx->chacha.base.hw->cipher(&ctx->chacha.base, out, in, length);
    if (ctx->base.enc) Poly1305_Update(&ctx->poly1305, out, length);
}

static void crypt_text(context *ctx, uint8_t *out, const uint8_t *in, size_t length) {
    uint8_t keystream[CHACHA20_WIDE];
    if (length == 0) return;
    if (!ctx->mac_inited) {
        size_t head = length < HEAD ? length : HEAD;
        ctx->chacha.counter[0] = 0;
        chacha20_four_blocks(keystream, ctx->chacha.key.d, ctx->chacha.counter);
        start_mac(ctx, keystream);
        pad_mac(ctx, ctx->len.aad);
        ctx->aad = 0;
        crypt_by_keystream(ctx, out, in, head, keystream + CHACHA20_BLOCK);
        OPENSSL_cleanse(keystream, sizeof keystream);
        ctx->len.text += head;
        out += head, in += head, length -= head;
    } else if (ctx->aad) {
        pad_mac(ctx, ctx->len.aad);
        ctx->aad = 0;
    }
    ctx->len.text += length;
    if (ctx->chacha.partial_len > 0 || ctx->poly1305.num > 0) {
        crypt_in_parts(ctx, out, in, length);
        return;
    }
    size_t wide = length - length % CHACHA20_WIDE;
    if (wide > 0) crypt_wide(ctx, out, in, wide);
    out += wide, in += wide, length -= wide;
    if (length > CHACHA20_BLOCK) {
        chacha20_four_blocks(keystream, ctx->chacha.key.d, ctx->chacha.counter);
        crypt_by_keystream(ctx, out, in, length, keystream);
        OPENSSL_cleanse(keystream, sizeof keystream);
    } else if (length > 0) {
        crypt_in_parts(ctx, out, in, length);
    }
}

/* ---- additional data and the tag ------------------------------------------------------------------------------------- */

static void add_aad(context *ctx, const uint8_t *in, size_t length) {
    if (!ctx->mac_inited && ctx->len.aad + length <= sizeof ctx->tls_aad) {
        memcpy(ctx->tls_aad + ctx->len.aad, in, length);
    } else {
        if (!ctx->mac_inited) start_without_text(ctx);
        Poly1305_Update(&ctx->poly1305, in, length);
        ctx->aad = 1;
    }
    ctx->len.aad += length;
}

static void finish(context *ctx, uint8_t tag[POLY1305_BLOCK_SIZE]) {
    if (!ctx->mac_inited) start_without_text(ctx);
    if (ctx->aad) pad_mac(ctx, ctx->len.aad);
    pad_mac(ctx, ctx->len.text);
    /* Two 64-bit numbers, little end first, as they are in memory. */
    Poly1305_Update(&ctx->poly1305, (const unsigned char *)&ctx->len, POLY1305_BLOCK_SIZE);
    Poly1305_Final(&ctx->poly1305, tag);
    forget_message(ctx);
}

/* TLS 1.2: a whole record with its tag behind it. */
static int crypt_tls_record(context *ctx, unsigned char *out, size_t *out_length, const unsigned char *in, size_t length) {
    size_t text = ctx->tls_payload_length;
    unsigned char tag[POLY1305_BLOCK_SIZE];
    if (length != text + POLY1305_BLOCK_SIZE) return 0;
    crypt_text(ctx, out, in, text);
    finish(ctx, ctx->base.enc ? ctx->tag : tag);
    if (ctx->base.enc) {
        memcpy(out + text, ctx->tag, POLY1305_BLOCK_SIZE);
        *out_length = length;
        return 1;
    }
    if (CRYPTO_memcmp(tag, in + text, POLY1305_BLOCK_SIZE) != 0) {
        memset(out, 0, text);
        return 0;
    }
    *out_length = text;
    return 1;
}

/* Text, additional data (out is NULL), or the end (in is NULL): checks the tag, or leaves it in ctx->tag. */
static int aead_cipher(PROV_CIPHER_CTX *base, unsigned char *out, size_t *out_length, const unsigned char *in,
                       size_t length) {
    context *ctx = (context *)base;
    *out_length = 0;
    if (in == NULL) {
        unsigned char tag[POLY1305_BLOCK_SIZE];
        finish(ctx, base->enc ? ctx->tag : tag);
        return base->enc || CRYPTO_memcmp(tag, ctx->tag, ctx->tag_len) == 0;
    }
    if (out == NULL) add_aad(ctx, in, length);
    else if (ctx->tls_payload_length != NO_TLS_PAYLOAD_LENGTH) return crypt_tls_record(ctx, out, out_length, in, length);
    else crypt_text(ctx, out, in, length);
    *out_length = length;
    return 1;
}

static const PROV_CIPHER_HW_CHACHA20_POLY1305 functions = {
    {init_key, NULL, NULL}, aead_cipher, init_iv, tls_init, tls_set_fixed_iv,
};

const PROV_CIPHER_HW *ossl_prov_cipher_hw_chacha20_poly1305(size_t key_bits) {
    (void)key_bits;
    return &functions.base;
}
