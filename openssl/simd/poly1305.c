/* Poly1305 for OpenSSL: the three functions that crypto/poly1305/poly1305.c calls when POLY1305_ASM is defined. */
#include "poly1305.h"

int poly1305_init(void *opaque, const unsigned char key[16], void *functions);
void poly1305_blocks(void *opaque, const unsigned char *in, size_t length, unsigned int has_top_bit);
void poly1305_emit(void *opaque, unsigned char tag[16], const unsigned int nonce[4]);

/* 0: OpenSSL is to call the functions below. */
int poly1305_init(void *opaque, const unsigned char key[16], void *functions) {
    poly1305_state *st = opaque;
    (void)functions;
    memset(st, 0, sizeof *st);
    for (int i = 0; i < 4; i++) {
        /* RFC 8439, section 2.5: the other bits of r are cleared ("clamped"). */
        st->r[i] = load_32(key + 4 * i) & (i == 0 ? 0x0fffffff : 0x0ffffffc);
        st->s[i] = st->r[i] + (st->r[i] >> 2);
    }
    return 0;
}

void poly1305_blocks(void *opaque, const unsigned char *in, size_t length, unsigned int has_top_bit) {
    poly1305_state *st = opaque;
    poly1305_number sum = st->sum;
    for (; length >= 16; length -= 16, in += 16) sum = poly1305_block(sum, st, in, has_top_bit);
    st->sum = sum;
}

void poly1305_emit(void *opaque, unsigned char tag[16], const unsigned int nonce[4]) {
    poly1305_state *st = opaque;
    uint64_t *h = st->sum.h;
    for (int i = 0; i < 3; i++) h[i + 1] += h[i] >> 32, h[i] = (uint32_t)h[i];
    /* h + 5 reaches 2^130 when h is not below the prime, 2^130 - 5, and is then h minus the prime. Taken without a branch. */
    uint64_t g[4], carry = 5;
    for (int i = 0; i < 4; i++) g[i] = h[i] + carry, carry = g[i] >> 32;
    uint64_t take = 0 - (g[3] >> 34);
    /* The sum with the nonce is modulo 2^128. */
    uint64_t sum = 0;
    for (int i = 0; i < 4; i++) {
        sum = (sum >> 32) + (uint32_t)((g[i] & take) | (h[i] & ~take)) + nonce[i];
        uint32_t low = (uint32_t)sum;
        memcpy(tag + 4 * i, &low, 4);
    }
}
