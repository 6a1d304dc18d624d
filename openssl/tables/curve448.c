/*
 * OpenSSL's Curve448 without its 21 kB of multiples of the base point (curve448_tables.c), which are computed before the first
 * use of either table: X448 and Ed448 are rare.
 */
#include <stddef.h>
#include "crypto/ec/curve448/point_448.h"

/* The linker leads calls of these to __wrap_…; that must not be avoided by inlining. */
__attribute__((noinline)) __typeof__(ossl_curve448_precomputed_scalarmul) ossl_curve448_precomputed_scalarmul;
__attribute__((noinline)) __typeof__(ossl_curve448_base_double_scalarmul_non_secret)
    ossl_curve448_base_double_scalarmul_non_secret;

#include "crypto/ec/curve448/curve448.c"

#define ODD_MULTIPLES (1 << C448_WNAF_FIXED_TABLE_BITS)

static curve448_precomputed_s combs;
static niels_t odd_multiples[ODD_MULTIPLES];
static int is_filled;

const curve448_precomputed_s *ossl_curve448_precomputed_base = &combs;
const niels_t *ossl_curve448_wnaf_base = odd_multiples;

/* The base point: half of y - x and of y + x. */
static const niels_t BASE = { {
    { FIELD_LITERAL(0x00303cda6feea532, 0x00860f1d5a3850e4, 0x00226b9fa4728ccd, 0x00e822938a0a0c0c, 0x00263a61c9ea9216,
                    0x001204029321b828, 0x006a468360983c65, 0x0002846f0a782143) },
    { FIELD_LITERAL(0x00303cda6feea532, 0x00860f1d5a3850e4, 0x00226b9fa4728ccd, 0x006822938a0a0c0c, 0x00263a61c9ea9215,
                    0x001204029321b828, 0x006a468360983c65, 0x0082846f0a782143) },
    { FIELD_LITERAL(0, 0, 0, 0, 0, 0, 0, 0) },
} };

/* A point as the tables have it: with 1 as denominator. */
static void store(niels_t out, const pniels_t point) {
    gf inverse;
    gf_invert(inverse, point->z, 1);
    ossl_gf_mul(out->a, point->n->a, inverse);
    ossl_gf_mul(out->b, point->n->b, inverse);
    ossl_gf_mul(out->c, point->n->c, inverse);
    gf_strong_reduce(out->a);
    gf_strong_reduce(out->b);
    gf_strong_reduce(out->c);
}

/*
 * Comb j: the sum of 2^(S * (T * j + k)) times the base point over its teeth k; for a tooth whose bit in the index is 0 it is
 * subtracted. The last tooth is always added.
 */
static void fill_combs(curve448_point_t power) {
    for (int comb = 0; comb < COMBS_N; comb++) {
        pniels_t teeth[COMBS_T];
        for (int k = 0; k < COMBS_T; k++) {
            pt_to_pniels(teeth[k], power);
            for (int i = 0; i < COMBS_S; i++) ossl_curve448_point_double(power, power);
        }
        for (int index = 0; index < 1 << (COMBS_T - 1); index++) {
            curve448_point_t sum;
            pniels_t entry;
            pniels_to_pt(sum, teeth[COMBS_T - 1]);
            for (int k = 0; k < COMBS_T - 1; k++) {
                if (index >> k & 1) add_pniels_to_pt(sum, teeth[k], 0);
                else sub_pniels_from_pt(sum, teeth[k], 0);
            }
            pt_to_pniels(entry, sum);
            store(combs.table[(comb << (COMBS_T - 1)) + index], entry);
        }
    }
}

static void fill(void) {
    if (is_filled) return;
    curve448_point_t base;
    pniels_t multiples[ODD_MULTIPLES];
    niels_to_pt(base, BASE);
    prepare_wnaf_table(multiples, base, C448_WNAF_FIXED_TABLE_BITS);
    for (int i = 0; i < ODD_MULTIPLES; i++) store(odd_multiples[i], multiples[i]);
    fill_combs(base);
    is_filled = 1;
}

__typeof__(ossl_curve448_precomputed_scalarmul) __real_ossl_curve448_precomputed_scalarmul;
void __wrap_ossl_curve448_precomputed_scalarmul(curve448_point_t out, const curve448_precomputed_s *table,
                                                const curve448_scalar_t scalar);
void __wrap_ossl_curve448_precomputed_scalarmul(curve448_point_t out, const curve448_precomputed_s *table,
                                                const curve448_scalar_t scalar) {
    fill();
    __real_ossl_curve448_precomputed_scalarmul(out, table, scalar);
}

__typeof__(ossl_curve448_base_double_scalarmul_non_secret) __real_ossl_curve448_base_double_scalarmul_non_secret;
void __wrap_ossl_curve448_base_double_scalarmul_non_secret(curve448_point_t out, const curve448_scalar_t scalar,
                                                           const curve448_point_t point, const curve448_scalar_t factor);
void __wrap_ossl_curve448_base_double_scalarmul_non_secret(curve448_point_t out, const curve448_scalar_t scalar,
                                                           const curve448_point_t point, const curve448_scalar_t factor) {
    fill();
    __real_ossl_curve448_base_double_scalarmul_non_secret(out, scalar, point, factor);
}
