/*
 * Hands every path to the WASI host as it is. wasi-libc would strip the leading "/" and make relative and absolute paths
 * the same; the host must tell them apart, since Python has a current directory. libc calls this hook when it is defined
 * (wasi-libc, libc-bottom-half/headers/public/wasi/libc-find-relpath.h).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The descriptor that shim/openssl/wasi.ts takes to stand for the whole file system. */
#define ROOT_DESCRIPTOR 3

int __wasilibc_find_relpath_alloc(const char *path, const char **prefix, char **relative, size_t *capacity,
                                  int may_reallocate) {
    size_t needed = strlen(path) + 1;
    if (needed > *capacity) {
        char *larger = may_reallocate ? realloc(*relative, needed) : NULL;
        if (larger == NULL) {
            errno = may_reallocate ? ENOMEM : ERANGE;
            return -1;
        }
        *relative = larger;
        *capacity = needed;
    }
    memcpy(*relative, path, needed);
    *prefix = "";
    return ROOT_DESCRIPTOR;
}
