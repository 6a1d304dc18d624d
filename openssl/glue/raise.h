/*
 * Read before each file of OpenSSL's (-include). An error is one call instead of three, and carries no name of a file or function:
 * CPython shows neither, and they were 50 kB.
 */
#ifndef PYODIDE_SSL_RAISE_H
#define PYODIDE_SSL_RAISE_H

/* OpenSSL's files say so themselves, but only after this one. */
#define OPENSSL_SUPPRESS_DEPRECATED
#define OPENSSL_FUNC ""
#include <openssl/err.h>

void glue_raise(int library, int reason);

#undef ERR_raise
#define ERR_raise(library, reason) glue_raise((library), (reason))
#undef ERR_raise_data
#define ERR_raise_data (ERR_new(), ERR_set_error)

#endif
