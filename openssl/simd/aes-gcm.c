/*
 * AES-GCM (SP 800-38D) for OpenSSL's provider, in the place of its cipher_aes_gcm.c and cipher_aes_gcm_hw.c: contexts that have
 * room for GHASH's tables and sliced round keys, and the functions that its ciphercommon_gcm.c calls. All state is the
 * context's; aes_gcm_freectx wipes it.
 *
 * What is to be hashed waits in `queue` until there are eight blocks or the end comes, so that a short record, with its
 * additional data and its length block, is hashed in one go. The tag's mask E(J0) is not computed by itself: J0 is the counter
 * before the first one, so the mask is the first block of the first text's keystream.
 */
#include <openssl/crypto.h>
#include <string.h>
#include "cipher_aes_gcm.h"
#include "prov/implementations.h"
#include "prov/providercommon.h"
#include "aes-sliced.h"
#include "ghash.h"

enum { BLOCK = 16, WIDE = 256, QUEUE = BLOCK * GHASH_MOST };

typedef struct {
    PROV_GCM_CTX base; /* must be first */
    AES_KEY key;
    aes_sliced_key sliced;
    ghash_key hash_key;
    v128_t nonce;            /* J0, whose last four bytes are the first counter */
    v128_t sliced_nonce[8];
    v128_t hash, mask;       /* the sum so far; E(J0) */
    uint64_t aad_length, text_length;
    uint32_t counter;        /* of the next block */
    uint32_t queued;         /* bytes in the queue */
    uint32_t keystream_left; /* bytes at the end of `keystream` that text is still to be encrypted with */
    uint8_t has_sliced_nonce, has_mask;
    uint8_t queue[QUEUE];
    uint8_t keystream[BLOCK];
} context;

/* ---- GHASH's queue ----------------------------------------------------------------------------------------------------- */

static void hash_queue(context *ctx) {
    if (ctx->queued > 0) ctx->hash = ghash_blocks(ctx->hash, &ctx->hash_key, ctx->queue, ctx->queued / BLOCK);
    ctx->queued = 0;
}

static void enqueue(context *ctx, const uint8_t *bytes, size_t length) {
    while (length > 0) {
        size_t room = QUEUE - ctx->queued, part = length < room ? length : room;
        memcpy(ctx->queue + ctx->queued, bytes, part);
        ctx->queued += (uint32_t)part, bytes += part, length -= part;
        if (ctx->queued == QUEUE) hash_queue(ctx);
    }
}

static void enqueue_padding(context *ctx) {
    static const uint8_t zeros[BLOCK];
    enqueue(ctx, zeros, -ctx->queued & (BLOCK - 1));
}

/* Two lengths in bits, big end first. */
static void enqueue_lengths(context *ctx, uint64_t first, uint64_t second) {
    uint64_t lengths[2] = {__builtin_bswap64(first * 8), __builtin_bswap64(second * 8)};
    enqueue(ctx, (const uint8_t *)lengths, sizeof lengths);
}

/* ---- keystream --------------------------------------------------------------------------------------------------------- */

static void make_sliced_nonce(context *ctx) {
    if (ctx->has_sliced_nonce) return;
    aes_sliced_nonce(ctx->sliced_nonce, ctx->nonce, &ctx->sliced);
    ctx->has_sliced_nonce = 1;
}

/* The next `count` blocks, at most 16; up to 256 bytes are written. */
static void make_keystream(context *ctx, uint8_t out[WIDE], size_t count) {
    if (count > 4) {
        make_sliced_nonce(ctx);
        if (count <= 8) {
            aes_sliced_keystream(out, &ctx->sliced, ctx->sliced_nonce, ctx->counter);
        } else {
            memset(out, 0, WIDE);
            aes_sliced_xor(out, out, &ctx->sliced, ctx->sliced_nonce, ctx->counter);
        }
    } else if (count > 1) {
        v128_t blocks[4];
        for (uint32_t i = 0; i < 4; i++) blocks[i] = aes_counter_block(ctx->nonce, ctx->counter + i);
        aes_encrypt_four(blocks, &ctx->key);
        for (int i = 0; i < 4; i++) wasm_v128_store(out + BLOCK * i, blocks[i]);
    } else {
        wasm_v128_store(out, aes_encrypt_block(aes_counter_block(ctx->nonce, ctx->counter), &ctx->key));
    }
    ctx->counter += (uint32_t)count;
}

static void xor_bytes(uint8_t *out, const uint8_t *in, const uint8_t *keystream, size_t length) {
    size_t i = 0;
    for (; i + BLOCK <= length; i += BLOCK)
        wasm_v128_store(out + i, wasm_v128_xor(wasm_v128_load(in + i), wasm_v128_load(keystream + i)));
    for (; i < length; i++) out[i] = in[i] ^ keystream[i];
}

static void crypt_and_enqueue(context *ctx, uint8_t *out, const uint8_t *in, const uint8_t *keystream, size_t length) {
    if (!ctx->base.enc) enqueue(ctx, in, length);
    xor_bytes(out, in, keystream, length);
    if (ctx->base.enc) enqueue(ctx, out, length);
}

/* Less than 256 bytes, or 240 when the mask is still to be made. What is left of the last block's keystream is kept. */
static void crypt_short(context *ctx, uint8_t *out, const uint8_t *in, size_t length) {
    uint8_t buffer[WIDE], *keystream = buffer;
    size_t blocks = (length + BLOCK - 1) / BLOCK;
    if (ctx->has_mask) {
        make_keystream(ctx, keystream, blocks);
    } else {
        make_keystream(ctx, keystream, blocks + 1);
        ctx->mask = wasm_v128_load(keystream);
        ctx->has_mask = 1;
        keystream += BLOCK;
    }
    crypt_and_enqueue(ctx, out, in, keystream, length);
    ctx->keystream_left = (uint32_t)(blocks * BLOCK - length);
    if (ctx->keystream_left > 0) memcpy(ctx->keystream, keystream + BLOCK * (blocks - 1), BLOCK);
    OPENSSL_cleanse(buffer, sizeof buffer);
}

/* ---- many blocks ------------------------------------------------------------------------------------------------------- */

static v128_t hash_wide(const context *ctx, v128_t hash, const uint8_t *in) {
    hash = ghash_blocks(hash, &ctx->hash_key, in, GHASH_MOST);
    return ghash_blocks(hash, &ctx->hash_key, in + QUEUE, GHASH_MOST);
}

/*
 * A multiple of 256 bytes, with an empty queue. The cipher does not wait for the hash, so the processor begins with the next
 * bytes' rounds while it hashes. (Taking turns within the rounds was slower: the sums and the slices don't fit its registers.)
 */
static void crypt_wide(context *ctx, uint8_t *out, const uint8_t *in, size_t length) {
    v128_t hash = ctx->hash;
    make_sliced_nonce(ctx);
    for (; length > 0; length -= WIDE, in += WIDE, out += WIDE) {
        if (!ctx->base.enc) hash = hash_wide(ctx, hash, in);
        aes_sliced_xor(out, in, &ctx->sliced, ctx->sliced_nonce, ctx->counter);
        ctx->counter += WIDE / BLOCK;
        if (ctx->base.enc) hash = hash_wide(ctx, hash, out);
    }
    ctx->hash = hash;
}

/* ---- what ciphercommon_gcm.c calls ---------------------------------------------------------------------------------------- */

static int set_key(PROV_GCM_CTX *base, const unsigned char *user_key, size_t length) {
    context *ctx = (context *)base;
    if (AES_set_encrypt_key(user_key, (int)length * 8, &ctx->key) != 0) return 0;
    aes_slice_key(&ctx->sliced, &ctx->key);
    ghash_set_key(&ctx->hash_key, aes_encrypt_block(wasm_i64x2_splat(0), &ctx->key));
    ctx->has_mask = ctx->has_sliced_nonce = 0;
    base->key_set = 1;
    return 1;
}

static int set_iv(PROV_GCM_CTX *base, const unsigned char *iv, size_t length) {
    context *ctx = (context *)base;
    ctx->hash = wasm_i64x2_splat(0);
    ctx->aad_length = ctx->text_length = 0;
    ctx->queued = ctx->keystream_left = 0;
    ctx->has_mask = ctx->has_sliced_nonce = 0;
    if (length == 12) {
        uint8_t block[BLOCK] = {0};
        memcpy(block, iv, length);
        ctx->nonce = aes_counter_block(wasm_v128_load(block), 1);
    } else {
        enqueue(ctx, iv, length);
        enqueue_padding(ctx);
        enqueue_lengths(ctx, 0, length);
        hash_queue(ctx);
        ctx->nonce = ctx->hash;
        ctx->hash = wasm_i64x2_splat(0);
    }
    ctx->counter = __builtin_bswap32((uint32_t)wasm_i32x4_extract_lane(ctx->nonce, 3));
    return 1;
}

/* The standard's limits on lengths are those of section 5.2.1.1. */
static int update_aad(PROV_GCM_CTX *base, const unsigned char *aad, size_t length) {
    context *ctx = (context *)base;
    if (ctx->text_length > 0 || ctx->aad_length + length > (uint64_t)1 << 61) return 0;
    ctx->aad_length += length;
    enqueue(ctx, aad, length);
    return 1;
}

static int update_text(PROV_GCM_CTX *base, const unsigned char *in, size_t length, unsigned char *out) {
    context *ctx = (context *)base;
    if (length == 0) return 1;
    if (ctx->text_length + length > ((uint64_t)1 << 36) - 32) return 0;
    if (ctx->text_length == 0) enqueue_padding(ctx);
    ctx->text_length += length;
    if (ctx->keystream_left > 0) {
        size_t part = length < ctx->keystream_left ? length : ctx->keystream_left;
        crypt_and_enqueue(ctx, out, in, ctx->keystream + BLOCK - ctx->keystream_left, part);
        ctx->keystream_left -= (uint32_t)part, in += part, out += part, length -= part;
    }
    if (!ctx->has_mask && length > 0) {
        size_t head = length < WIDE - BLOCK ? length : WIDE - BLOCK;
        crypt_short(ctx, out, in, head);
        in += head, out += head, length -= head;
    }
    size_t wide = length - length % WIDE;
    if (wide > 0) {
        hash_queue(ctx);
        crypt_wide(ctx, out, in, wide);
        in += wide, out += wide, length -= wide;
    }
    if (length > 0) crypt_short(ctx, out, in, length);
    return 1;
}

/* Writes the tag, or compares it. */
static int finish(PROV_GCM_CTX *base, unsigned char *tag) {
    context *ctx = (context *)base;
    uint8_t computed[BLOCK];
    enqueue_padding(ctx);
    enqueue_lengths(ctx, ctx->aad_length, ctx->text_length);
    hash_queue(ctx);
    if (!ctx->has_mask) {
        make_keystream(ctx, ctx->keystream, 1);
        ctx->mask = wasm_v128_load(ctx->keystream);
        ctx->has_mask = 1;
    }
    wasm_v128_store(computed, wasm_v128_xor(ctx->hash, ctx->mask));
    ctx->keystream_left = 0;
    if (base->enc) {
        memcpy(tag, computed, BLOCK);
        base->taglen = BLOCK;
        return 1;
    }
    return base->taglen <= BLOCK && CRYPTO_memcmp(computed, tag, base->taglen) == 0;
}

static const PROV_GCM_HW functions = {set_key, set_iv, update_aad, update_text, finish, ossl_gcm_one_shot};

static void *aes_gcm_newctx(void *provider, size_t key_bits) {
    if (!ossl_prov_is_running()) return NULL;
    context *ctx = OPENSSL_zalloc(sizeof *ctx);
    if (ctx != NULL) ossl_gcm_initctx(provider, &ctx->base, key_bits, &functions);
    return ctx;
}

static void *aes_gcm_dupctx(void *ctx) {
    return ossl_prov_is_running() && ctx != NULL ? OPENSSL_memdup(ctx, sizeof(context)) : NULL;
}

static void aes_gcm_freectx(void *ctx) { OPENSSL_clear_free(ctx, sizeof(context)); }

/* OpenSSL's tables of functions: ossl_aes128gcm_functions and so on. */
IMPLEMENT_aead_cipher(aes, gcm, GCM, AEAD_FLAGS, 128, 8, 96);
IMPLEMENT_aead_cipher(aes, gcm, GCM, AEAD_FLAGS, 192, 8, 96);
IMPLEMENT_aead_cipher(aes, gcm, GCM, AEAD_FLAGS, 256, 8, 96);
