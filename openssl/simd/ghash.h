/*
 * GHASH (SP 800-38D, section 6.4) by swizzles. A block times H is linear in the block's nibbles: byte j of "nibble times H" is
 * a look-up in a table of sixteen bytes, done for the nibbles of all sixteen bytes at once, and what comes out belongs j bytes
 * further on. So a product is 17 sums of two swizzles each, shifted by 0 to 16 bytes. With tables for H, H²… H^8 the sums of
 * eight blocks are added up before they are shifted and reduced once.
 *
 * Bits are as in the standard: byte 0's highest bit is x^0, so that times x is a shift to the right.
 */
#ifndef PYODIDE_SSL_SIMD_GHASH_H
#define PYODIDE_SSL_SIMD_GHASH_H

#include "vector.h"

enum { GHASH_MOST = 8, GHASH_BYTES = 17, GHASH_GROUPS = 3, GHASH_GROUP = 6, GHASH_SUMS = GHASH_GROUPS * GHASH_GROUP };

/*
 * The sums are made in groups of 6: as many as stay in registers. tables[group][i][j] has the tables of byte 6 * group + j,
 * for high and low nibbles, of H to the power of 8 - i: n blocks use the last n. An eighteenth sum fills the last group; its
 * tables stay zero.
 */
typedef struct { v128_t tables[GHASH_GROUPS][GHASH_MOST][GHASH_GROUP][2]; } ghash_key;

void ghash_set_key(ghash_key *key, v128_t h);

/* (hash + first block)·H^n + … + last block·H for n blocks, 1 to 8 */
v128_t ghash_blocks(v128_t hash, const ghash_key *key, const uint8_t *blocks, size_t n);

#endif
