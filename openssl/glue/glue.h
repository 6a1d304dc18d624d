/*
 * The C that is ours: what can't be called through OpenSSL's own exports alone.
 *
 * Three things only: (1) calls that must take the outcome, errno and the error queue in one go, as CPython's _ssl.c does
 * in _PySSL_errno and PySSL_SetError; (2) callbacks from OpenSSL to JavaScript; (3) macros and struct fields made
 * functions (macros.h). Names of (1) and (2) begin with `glue_`. generate.ts turns these prototypes into TypeScript.
 */
#ifndef PYODIDE_SSL_GLUE_H
#define PYODIDE_SSL_GLUE_H

#include <stddef.h>
#include <stdint.h>
#include <openssl/ssl.h>

/* ---- outcome.c: calls together with their outcome ------------------------------------------------------------------ */

/* What one call led to. shim/openssl/outcome.ts reads it word by word: keep the two alike. */
typedef struct glue_outcome {
    int32_t ret;             /* the function's own return value */
    int32_t ssl_error;       /* SSL_get_error(); SSL_ERROR_NONE on success */
    int32_t sys_errno;       /* errno straight after the call; WASI's numbers */
    uint32_t error;          /* ERR_peek_last_error(): the one that PySSL_SetError looks at */
    uint32_t first_error;    /* ERR_peek_error(): the cause below it */
    int32_t verify_result;   /* SSL_get_verify_result() */
    uint32_t byte_count;     /* bytes moved by read and write */
    int32_t shutdown_state;  /* SSL_get_shutdown() */
} glue_outcome;

/* The outcome of the latest glue_ call below. There is one: a call made inside a callback is captured before the outer one. */
const glue_outcome *glue_get_outcome(void);

/* Each empties the error queue and errno, calls the SSL_ function of its name, captures, and leaves the queue empty. */
int glue_SSL_do_handshake(SSL *ssl);
int glue_SSL_read_ex(SSL *ssl, void *buffer, size_t length);
int glue_SSL_write_ex(SSL *ssl, const void *buffer, size_t length);
int glue_SSL_shutdown(SSL *ssl);
int glue_SSL_verify_client_post_handshake(SSL *ssl);

/* Empties the error queue and errno: comes before a function whose failure is to be captured. */
void glue_clear_failure(void);
/* Captures errno and both ends of the error queue (the rest is 0), and empties the queue. */
void glue_capture_failure(void);

/* ---- callbacks.c: from OpenSSL to JavaScript ----------------------------------------------------------------------- */

/* The number by which JavaScript knows a context or a connection; 0 when none was given. */
int glue_SSL_CTX_set_id(SSL_CTX *ctx, int32_t id);
int32_t glue_SSL_CTX_get_id(const SSL_CTX *ctx);
int glue_SSL_set_id(SSL *ssl, int32_t id);
int32_t glue_SSL_get_id(const SSL *ssl);

/* Each puts JavaScript's callback in place (on = 1) or takes it away (on = 0). */
void glue_SSL_CTX_enable_password_callback(SSL_CTX *ctx, int on);
void glue_SSL_CTX_enable_servername_callback(SSL_CTX *ctx, int on);
void glue_SSL_CTX_enable_msg_callback(SSL_CTX *ctx, int on);
void glue_SSL_enable_msg_callback(SSL *ssl, int on);
void glue_SSL_CTX_enable_keylog_callback(SSL_CTX *ctx, int on);
void glue_SSL_CTX_enable_psk_client_callback(SSL_CTX *ctx, int on);
void glue_SSL_CTX_enable_psk_server_callback(SSL_CTX *ctx, int on);

/*
 * ALPN as _ssl.c's _set_alpn_protocols has it: offered by clients; a server picks by its own order, and no overlap is no
 * failure. The list (wire format) is copied and lives as long as the context. 0 on success.
 */
int glue_SSL_CTX_set_alpn(SSL_CTX *ctx, const unsigned char *protos, unsigned int length);

/* ---- source.c: where a socket's connection reads from ----------------------------------------------------------------- */

/* A BIO that reads what js_receive gives for the connection of this number. The caller owns it; NULL when it can't be made. */
BIO *glue_BIO_new_source(int32_t id);

/* ---- anchors.c: certificates that are parsed when they are needed --------------------------------------------------- */

/* Lets the store ask js_add_anchors, with this number, for what it does not have. Once for each store, before other lookups. */
int glue_X509_STORE_add_anchors(X509_STORE *store, int32_t id);

/* ---- memory.c --------------------------------------------------------------------------------------------------------- */

/* What OpenSSL and JavaScript have allocated and not freed. */
uint32_t glue_live_allocations(void);
uint32_t glue_live_bytes(void);
/* Counted memory for JavaScript. NULL when there is none left. */
void *glue_alloc(size_t length);
void glue_free(void *memory);
/* Overwrites with zeros, in a way that the compiler may not leave out, and frees: for keys and passwords. */
void glue_free_secret(void *memory, size_t length);

/* ---- startup.c ---------------------------------------------------------------------------------------------------------- */

/* Puts allocation counting in place and starts OpenSSL. 1, or 0 with a captured failure. Call it once, before all else. */
int glue_start(void);

#include "macros.h"

#endif
