/* The few vector operations that everything here is made of, and why they take constant time. */
#ifndef PYODIDE_SSL_SIMD_VECTOR_H
#define PYODIDE_SSL_SIMD_VECTOR_H

#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

#define INLINE static inline __attribute__((always_inline))

/*
 * Sixteen look-ups in a table of sixteen bytes at once: one instruction (pshufb, tbl), which touches no memory, so its time
 * can't depend on the index. An index is below 16, or has its highest bit set and gives 0: for these the relaxed instruction and
 * the one of every engine mean the same, and shim/openssl/relaxed-simd.ts chooses when it loads the wasm.
 */
INLINE v128_t swizzle(v128_t table, v128_t index) { return wasm_i8x16_relaxed_swizzle(table, index); }

/*
 * Loads a constant in a way that keeps clang from seeing its value. A swizzle by a known constant becomes a shuffle, and V8
 * builds a shuffle's mask anew each time from two 64-bit numbers; a mask that comes from memory stays in a register.
 */
INLINE v128_t from_memory(const uint8_t constant[16]) {
    __asm__("" : "+r"(constant));
    return wasm_v128_load(constant);
}

INLINE v128_t low_nibbles(v128_t v) { return wasm_v128_and(v, wasm_i8x16_splat(15)); }
INLINE v128_t high_nibbles(v128_t v) { return low_nibbles(wasm_u16x8_shr(v, 4)); }

#endif
