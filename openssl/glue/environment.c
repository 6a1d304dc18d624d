/*
 * getenv() over Python's environment. WASI hands its environment over once, at start; a Python program may set
 * SSL_CERT_FILE at any time before it asks for the default locations. So this definition stands in for libc's.
 */
#include <stdlib.h>
#include <string.h>
#include "imports.h"

/* The variables that OpenSSL and libc ask for are few, and fixed. */
#define MAX_NAMES 32

static struct {
    char *name;
    char *value;
} remembered[MAX_NAMES];

/* As with libc's, the answer stays valid until the same name is asked for again. */
char *getenv(const char *name) {
    int32_t length = js_getenv(name, NULL, 0);
    if (length < 0) return NULL;
    int slot = 0;
    while (slot < MAX_NAMES && remembered[slot].name != NULL && strcmp(remembered[slot].name, name) != 0) slot++;
    if (slot == MAX_NAMES) return NULL;
    if (remembered[slot].name == NULL && (remembered[slot].name = strdup(name)) == NULL) return NULL;
    char *value = realloc(remembered[slot].value, (size_t)length + 1);
    if (value == NULL) return NULL;
    remembered[slot].value = value;
    return js_getenv(name, value, (size_t)length + 1) == length ? value : NULL;
}
