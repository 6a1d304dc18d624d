/*
 * Poly1305 (RFC 8439, section 2.5) in scalar arithmetic. A number is h[0] + h[1]·2^32 + h[2]·2^64 + h[3]·2^96, where h[3] has the
 * 34 bits up to 2^130. The key's bits that the RFC clears leave room for it: a block costs 16 multiplications, and no sum of four
 * products exceeds 64 bits. 2^130 is 5 modulo the prime, and r[1] to r[3] are multiples of 4, so that what reaches 2^128 and more
 * comes back as a multiple of s[i] = r[i]·5/4.
 * (Vectors lose here: WebAssembly multiplies two lanes at a time, and one 64-bit multiplication a cycle is as much.)
 */
#ifndef PYODIDE_SSL_SIMD_POLY1305_H
#define PYODIDE_SSL_SIMD_POLY1305_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "vector.h"

/* Below 2^32·9/4, 2^32, 2^32 and 2^34. */
typedef struct { uint64_t h[4]; } poly1305_number;

/* What OpenSSL keeps as `opaque` in its POLY1305 (192 bytes), and wipes when the tag is out. */
typedef struct {
    poly1305_number sum;
    uint64_t r[4], s[4]; /* below 2^28, and 2^28·5/4; there is no s[0] */
} poly1305_state;

INLINE uint32_t load_32(const uint8_t *bytes) {
    uint32_t word;
    memcpy(&word, bytes, 4);
    return word;
}

/* Takes 16 bytes in; `top` is 1, or 0 for a last block that was padded already. */
INLINE poly1305_number poly1305_block(poly1305_number n, const poly1305_state *st, const uint8_t *in, uint64_t top) {
    const uint64_t *r = st->r, *s = st->s;
    /* Below 2^60 times 13/4, 2, 2 and 6, so that none of the sums is more than 63/4 of it. */
    uint64_t h0 = n.h[0] + load_32(in), h1 = n.h[1] + load_32(in + 4), h2 = n.h[2] + load_32(in + 8);
    uint64_t h3 = n.h[3] + load_32(in + 12) + (top << 32);
    uint64_t d0 = h0 * r[0] + h1 * s[3] + h2 * s[2] + h3 * s[1];
    uint64_t d1 = h0 * r[1] + h1 * r[0] + h2 * s[3] + h3 * s[2];
    uint64_t d2 = h0 * r[2] + h1 * r[1] + h2 * r[0] + h3 * s[3];
    uint64_t d3 = h0 * r[3] + h1 * r[2] + h2 * r[1] + h3 * r[0];
    d1 += d0 >> 32, d2 += d1 >> 32, d3 += d2 >> 32;
    return (poly1305_number){{(uint32_t)d0 + (d3 >> 34) * 5, (uint32_t)d1, (uint32_t)d2, d3 & 0x3ffffffff}};
}

#endif
