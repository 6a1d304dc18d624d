/* Counts what is allocated, so that a test can see a leak. The counter costs two additions a call. */
#include <stdlib.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include "memory.h"
#include "glue.h"

static uint32_t live_allocations;
static uint32_t live_bytes;

uint32_t glue_live_allocations(void) { return live_allocations; }
uint32_t glue_live_bytes(void) { return live_bytes; }

static void *counted_in(void *memory) {
    if (memory != NULL) {
        live_allocations++;
        live_bytes += (uint32_t)malloc_usable_size(memory);
    }
    return memory;
}

static void counted_out(void *memory) {
    if (memory != NULL) {
        live_allocations--;
        live_bytes -= (uint32_t)malloc_usable_size(memory);
    }
}

/* For nothing there is no memory, as with OpenSSL's own functions: some of its code takes the difference for an answer. */
static void *counting_malloc(size_t length, const char *file, int line) {
    (void)file, (void)line;
    return length == 0 ? NULL : counted_in(malloc(length));
}

static void counting_free(void *memory, const char *file, int line) {
    (void)file, (void)line;
    counted_out(memory);
    free(memory);
}

static void *counting_realloc(void *memory, size_t length, const char *file, int line) {
    if (memory == NULL) return counting_malloc(length, file, line);
    if (length == 0) {
        counting_free(memory, file, line);
        return NULL;
    }
    uint32_t old_bytes = (uint32_t)malloc_usable_size(memory);
    void *moved = realloc(memory, length);
    if (moved == NULL) return NULL; /* the old block stays as it was */
    live_bytes += (uint32_t)malloc_usable_size(moved) - old_bytes;
    return moved;
}

int glue_count_allocations(void) {
    return CRYPTO_set_mem_functions(counting_malloc, counting_realloc, counting_free);
}

void *glue_alloc(size_t length) { return counted_in(malloc(length)); }

void glue_free(void *memory) {
    counted_out(memory);
    free(memory);
}

void glue_free_secret(void *memory, size_t length) {
    if (memory == NULL) return;
    OPENSSL_cleanse(memory, length);
    glue_free(memory);
}
