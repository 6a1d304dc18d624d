/*
 * memcpy() and memset(), in the place of wasi-libc's, which take eight bytes at a time, and shift words about where the addresses
 * don't match: a record is copied twice on its way. Neither looks at what it moves.
 */
#include <string.h>
#include "vector.h"

/* Without this clang sees what the loops do, and has them call memcpy() and memset(). */
#define NO_BUILTIN __attribute__((no_builtin))
/* It would make eight steps of each, and what is moved is mostly short. */
#define NOT_UNROLLED _Pragma("clang loop unroll(disable)")

typedef uint64_t __attribute__((aligned(1), may_alias)) eight_bytes;
typedef uint32_t __attribute__((aligned(1), may_alias)) four_bytes;
typedef uint16_t __attribute__((aligned(1), may_alias)) two_bytes;
typedef v128_t __attribute__((aligned(1), may_alias)) sixteen_bytes;

/* One or two words' length: the first word and the last, which may overlap. */
#define COPY_ENDS(word)                                                                                \
    do {                                                                                               \
        word head = *(const word *)in, tail = *(const word *)(in + length - sizeof(word));              \
        *(word *)out = head, *(word *)(out + length - sizeof(word)) = tail;                             \
    } while (0)

#define SET_ENDS(word, value) (*(word *)out = *(word *)(out + length - sizeof(word)) = (word)(value))

NO_BUILTIN void *memcpy(void *restrict to, const void *restrict from, size_t length) {
    uint8_t *out = to;
    const uint8_t *in = from;
    NOT_UNROLLED
    for (; length > 64; length -= 64, in += 64, out += 64) {
        v128_t a = wasm_v128_load(in), b = wasm_v128_load(in + 16), c = wasm_v128_load(in + 32), d = wasm_v128_load(in + 48);
        wasm_v128_store(out, a), wasm_v128_store(out + 16, b), wasm_v128_store(out + 32, c), wasm_v128_store(out + 48, d);
    }
    NOT_UNROLLED
    for (; length > 32; length -= 16, in += 16, out += 16) wasm_v128_store(out, wasm_v128_load(in));
    if (length >= 16) COPY_ENDS(sixteen_bytes);
    else if (length >= 8) COPY_ENDS(eight_bytes);
    else if (length >= 4) COPY_ENDS(four_bytes);
    else if (length >= 2) COPY_ENDS(two_bytes);
    else if (length == 1) *out = *in;
    return to;
}

NO_BUILTIN void *memset(void *to, int byte, size_t length) {
    uint8_t *out = to;
    uint64_t bytes = 0x0101010101010101 * (uint8_t)byte;
    v128_t wide = wasm_i64x2_splat((int64_t)bytes);
    NOT_UNROLLED
    for (; length > 64; length -= 64, out += 64) {
        wasm_v128_store(out, wide), wasm_v128_store(out + 16, wide);
        wasm_v128_store(out + 32, wide), wasm_v128_store(out + 48, wide);
    }
    NOT_UNROLLED
    for (; length > 32; length -= 16, out += 16) wasm_v128_store(out, wide);
    if (length >= 16) SET_ENDS(sixteen_bytes, wide);
    else if (length >= 8) SET_ENDS(eight_bytes, bytes);
    else if (length >= 4) SET_ENDS(four_bytes, bytes);
    else if (length >= 2) SET_ENDS(two_bytes, bytes);
    else if (length == 1) *out = (uint8_t)byte;
    return to;
}
