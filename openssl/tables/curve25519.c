/*
 * OpenSSL's Curve25519 without the 30 kB of multiples of its base point: the build leaves zeros in their place
 * (tables-build.ts), and here they are computed, to the same bytes.
 */
#include "crypto/ec/curve25519.c"
#include "tables.h"

enum { ROWS = 32, COLUMNS = 8, COUNT = ROWS * COLUMNS };

/* The one way in which the table writes a number; and small enough for any two operations. */
static void settle(fe out, const fe in) {
    uint8_t bytes[32];
    fe_tobytes(bytes, in);
    fe_frombytes(out, bytes);
}

/* From y + x and y - x, with 4 as denominator. */
static void from_sums(ge_p3 *out, const ge_precomp *in) {
    fe x, y;
    fe_sub(x, in->yplusx, in->yminusx);
    fe_add(y, in->yplusx, in->yminusx);
    settle(x, x);
    settle(y, y);
    fe_add(out->X, x, x);
    fe_add(out->Y, y, y);
    settle(out->X, out->X);
    settle(out->Y, out->Y);
    fe_1(out->Z);
    fe_add(out->Z, out->Z, out->Z);
    fe_add(out->Z, out->Z, out->Z);
    fe_mul(out->T, x, y);
}

/* Row i has 256^i times the base point and its multiples up to the eighth; X, Y and Z for now. */
static void multiply(ge_precomp *table) {
    ge_p3 base, point;
    ge_p1p1 sum;
    from_sums(&base, &Bi[0]);
    for (int row = 0; row < ROWS; row++) {
        ge_cached step;
        ge_p3_to_cached(&step, &base);
        point = base;
        for (int column = 0; column < COLUMNS; column++) {
            ge_precomp *entry = &table[row * COLUMNS + column];
            fe_copy(entry->yplusx, point.X);
            fe_copy(entry->yminusx, point.Y);
            fe_copy(entry->xy2d, point.Z);
            if (column == COLUMNS - 1) break;
            ge_add(&sum, &point, &step);
            ge_p1p1_to_p3(&point, &sum);
        }
        /* The eighth, doubled five times. */
        for (int i = 0; i < 5; i++) {
            ge_p3_dbl(&sum, &point);
            ge_p1p1_to_p3(&point, &sum);
        }
        base = point;
    }
}

/* Divides by all denominators with one inversion, from the last to the first. */
static void divide(ge_precomp *table) {
    fe products[COUNT], inverse;
    fe_copy(products[0], table[0].xy2d);
    for (int i = 1; i < COUNT; i++) fe_mul(products[i], products[i - 1], table[i].xy2d);
    fe_invert(inverse, products[COUNT - 1]);
    for (int i = COUNT - 1; i >= 0; i--) {
        fe x, y, own;
        if (i > 0) fe_mul(own, inverse, products[i - 1]);
        else fe_copy(own, inverse);
        fe_mul(inverse, inverse, table[i].xy2d);
        fe_mul(x, table[i].yplusx, own);
        fe_mul(y, table[i].yminusx, own);
        fe_add(own, y, x);
        settle(table[i].yplusx, own);
        fe_sub(own, y, x);
        settle(table[i].yminusx, own);
        fe_mul(own, x, y);
        fe_mul(own, own, d2);
        settle(table[i].xy2d, own);
    }
}

void tables_fill_curve25519(void) {
    /* The table is a constant for the compiler, which must not know that this is it. */
    const void *constant = k25519Precomp;
    __asm__ volatile("" : "+r"(constant));
    ge_precomp *table = (ge_precomp *)(uintptr_t)constant;
    multiply(table);
    divide(table);
    __asm__ volatile("" : : : "memory");
}
