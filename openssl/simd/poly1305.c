/* Poly1305 for OpenSSL: the three functions that crypto/poly1305/poly1305.c calls when POLY1305_ASM is defined. */
#include "poly1305.h"

int poly1305_init(void *opaque, const unsigned char key[16], void *functions);
void poly1305_blocks(void *opaque, const unsigned char *in, size_t length, unsigned int has_top_bit);
void poly1305_emit(void *opaque, unsigned char tag[16], const unsigned int nonce[4]);

static void set_multiplier(uint32_t r[5], uint32_t r5[5], poly1305_number n) {
    for (int i = 0; i < 5; i++) r[i] = (uint32_t)n.limb[i], r5[i] = r[i] * 5;
}

/* 0: OpenSSL is to call the functions below. */
int poly1305_init(void *opaque, const unsigned char key[16], void *functions) {
    poly1305_state *st = opaque;
    (void)functions;
    /* RFC 8439, section 2.5: these bits of r are cleared ("clamped"). */
    poly1305_number r = {{load_32(key) & 0x3ffffff, (load_32(key + 3) >> 2) & 0x3ffff03, (load_32(key + 6) >> 4) & 0x3ffc0ff,
                          (load_32(key + 9) >> 6) & 0x3f03fff, (load_32(key + 12) >> 8) & 0x00fffff}};
    poly1305_number square = {{0}};
    set_multiplier(st->r, st->r5, r);
    poly1305_multiply_add(&square, r, st->r, st->r5);
    set_multiplier(st->s, st->s5, poly1305_carry(square));
    memset(st->h, 0, sizeof st->h);
    return 0;
}

void poly1305_blocks(void *opaque, const unsigned char *in, size_t length, unsigned int has_top_bit) {
    poly1305_state *st = opaque;
    poly1305_number h = poly1305_load(st);
    /* Only a single block comes without its top bit. */
    for (; length >= 32; length -= 32, in += 32) h = poly1305_two_blocks(h, st, in);
    if (length >= 16) {
        poly1305_number sum = {{0}};
        poly1305_add(&h, in, has_top_bit << 24);
        poly1305_multiply_add(&sum, h, st->r, st->r5);
        h = poly1305_carry(sum);
    }
    poly1305_store(st, h);
}

void poly1305_emit(void *opaque, unsigned char tag[16], const unsigned int nonce[4]) {
    poly1305_state *st = opaque;
    poly1305_number h = poly1305_carry(poly1305_load(st));
    uint64_t *l = h.limb;
    /* poly1305_carry leaves at most one bit too much in the fourth limb: carry once all the way round. */
    l[0] += (l[4] >> 26) * 5, l[4] &= 0x3ffffff;
    for (int i = 0; i < 4; i++) l[i + 1] += l[i] >> 26, l[i] &= 0x3ffffff;
    l[0] += (l[4] >> 26) * 5, l[4] &= 0x3ffffff;
    l[1] += l[0] >> 26, l[0] &= 0x3ffffff;
    /* h - p, where p is 2^130 - 5; taken when it is not negative, without a branch. */
    uint64_t g[5], carry = 5;
    for (int i = 0; i < 5; i++) g[i] = l[i] + carry, carry = g[i] >> 26, g[i] &= 0x3ffffff;
    uint64_t take = 0 - carry;
    for (int i = 0; i < 5; i++) l[i] = (g[i] & take) | (l[i] & ~take);
    /* Words of 32 bits; the sum with the nonce is modulo 2^128. */
    uint32_t word[4] = {(uint32_t)(l[0] | l[1] << 26), (uint32_t)(l[1] >> 6 | l[2] << 20), (uint32_t)(l[2] >> 12 | l[3] << 14),
                        (uint32_t)(l[3] >> 18 | l[4] << 8)};
    uint64_t sum = 0;
    for (int i = 0; i < 4; i++) {
        sum = (sum >> 32) + word[i] + nonce[i];
        uint32_t low = (uint32_t)sum;
        memcpy(tag + 4 * i, &low, 4);
    }
}
