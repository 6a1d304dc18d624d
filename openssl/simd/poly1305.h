/*
 * Poly1305 (RFC 8439, section 2.5) in scalar arithmetic: numbers of five limbs of 26 bits, so that a sum of ten products fits
 * 64 bits without a carry. Two blocks at a time: (h + a)·r² + b·r, whose products don't wait for each other.
 * (Vectors lose here: WebAssembly multiplies two lanes at a time, and one 64-bit multiplication a cycle is as much.)
 */
#ifndef PYODIDE_SSL_SIMD_POLY1305_H
#define PYODIDE_SSL_SIMD_POLY1305_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "vector.h"

/* What OpenSSL keeps as `opaque` in its POLY1305 (192 bytes), and wipes when the tag is out. */
typedef struct {
    uint32_t h[5];   /* the sum so far; each limb below 2^27 */
    uint32_t r[5], r5[5];   /* the key, and five times it: 2^130 is 5 modulo the prime */
    uint32_t s[5], s5[5];   /* its square */
} poly1305_state;

typedef struct { uint64_t limb[5]; } poly1305_number;

INLINE uint32_t load_32(const uint8_t *bytes) {
    uint32_t word;
    memcpy(&word, bytes, 4);
    return word;
}

/* Adds a block; `top` is 2^128, or 0 for a last one that was padded already. */
INLINE void poly1305_add(poly1305_number *n, const uint8_t *block, uint32_t top) {
    n->limb[0] += load_32(block) & 0x3ffffff;
    n->limb[1] += (load_32(block + 3) >> 2) & 0x3ffffff;
    n->limb[2] += (load_32(block + 6) >> 4) & 0x3ffffff;
    n->limb[3] += load_32(block + 9) >> 6;
    n->limb[4] += (load_32(block + 12) >> 8) | top;
}

/* sum += a·r, without carries */
INLINE void poly1305_multiply_add(poly1305_number *sum, poly1305_number a, const uint32_t r[5], const uint32_t r5[5]) {
    const uint64_t *l = a.limb;
    sum->limb[0] += l[0] * r[0] + l[1] * r5[4] + l[2] * r5[3] + l[3] * r5[2] + l[4] * r5[1];
    sum->limb[1] += l[0] * r[1] + l[1] * r[0] + l[2] * r5[4] + l[3] * r5[3] + l[4] * r5[2];
    sum->limb[2] += l[0] * r[2] + l[1] * r[1] + l[2] * r[0] + l[3] * r5[4] + l[4] * r5[3];
    sum->limb[3] += l[0] * r[3] + l[1] * r[2] + l[2] * r[1] + l[3] * r[0] + l[4] * r5[4];
    sum->limb[4] += l[0] * r[4] + l[1] * r[3] + l[2] * r[2] + l[3] * r[1] + l[4] * r[0];
}

/* Carries twice over the two ends, so that every limb is below 2^27 again. */
INLINE poly1305_number poly1305_carry(poly1305_number n) {
    uint64_t *l = n.limb;
    l[1] += l[0] >> 26, l[0] &= 0x3ffffff;
    l[4] += l[3] >> 26, l[3] &= 0x3ffffff;
    l[2] += l[1] >> 26, l[1] &= 0x3ffffff;
    l[0] += (l[4] >> 26) * 5, l[4] &= 0x3ffffff;
    l[3] += l[2] >> 26, l[2] &= 0x3ffffff;
    l[1] += l[0] >> 26, l[0] &= 0x3ffffff;
    l[4] += l[3] >> 26, l[3] &= 0x3ffffff;
    return n;
}

/* Takes 32 bytes in. */
INLINE poly1305_number poly1305_two_blocks(poly1305_number h, const poly1305_state *st, const uint8_t *in) {
    poly1305_number b = {{0}}, sum = {{0}};
    poly1305_add(&h, in, 1 << 24);
    poly1305_add(&b, in + 16, 1 << 24);
    poly1305_multiply_add(&sum, h, st->s, st->s5);
    poly1305_multiply_add(&sum, b, st->r, st->r5);
    return poly1305_carry(sum);
}

INLINE poly1305_number poly1305_load(const poly1305_state *st) {
    return (poly1305_number){{st->h[0], st->h[1], st->h[2], st->h[3], st->h[4]}};
}

INLINE void poly1305_store(poly1305_state *st, poly1305_number h) {
    for (int i = 0; i < 5; i++) st->h[i] = (uint32_t)h.limb[i];
}

#endif
