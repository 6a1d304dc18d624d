/* What JavaScript provides, besides WASI. shim/openssl/callbacks.ts and environment.ts implement these. */
#ifndef PYODIDE_SSL_IMPORTS_H
#define PYODIDE_SSL_IMPORTS_H

#include <stdint.h>
#include <stddef.h>

#define IMPORT(name) __attribute__((import_module("pyodide_ssl"), import_name(#name)))

/* Copies the value with its NUL into `value` when it fits `capacity`. The length without NUL, or -1: no such variable. */
IMPORT(getenv) int32_t js_getenv(const char *name, char *value, size_t capacity);

/* Ids are those of glue_SSL_CTX_set_id and glue_SSL_set_id. A callback never throws into C: it keeps the cause. */

/* Writes the password into `buffer`. Its length, or -1: failed. */
IMPORT(password) int32_t js_password(int32_t context_id, char *buffer, int32_t capacity, int32_t for_writing);
/* `name` may be NULL. SSL_TLSEXT_ERR_*; with ALERT_FATAL the alert is written to *alert. */
IMPORT(servername) int32_t js_servername(int32_t connection_id, const char *name, int32_t *alert);
IMPORT(message) void js_message(int32_t connection_id, int32_t is_write, int32_t version, int32_t content_type,
                                const void *data, size_t length);
IMPORT(keylog) void js_keylog(int32_t connection_id, const char *line);
/* Writes the identity with its NUL, and the key. The key's length, or 0: no key. `hint` may be NULL. */
IMPORT(psk_client) uint32_t js_psk_client(int32_t connection_id, const char *hint, char *identity,
                                          uint32_t identity_capacity, unsigned char *psk, uint32_t psk_capacity);
/* Writes the key. Its length, or 0: no key. `identity` may be NULL. */
IMPORT(psk_server) uint32_t js_psk_server(int32_t connection_id, const char *identity, unsigned char *psk,
                                          uint32_t psk_capacity);

/* Takes at most `length` bytes of ciphertext off the connection's stream. How many; 0 at its end; -1: none now. */
IMPORT(receive) int32_t js_receive(int32_t connection_id, char *buffer, int32_t length);

/*
 * Adds the certificates with a subject of this hash to the store that glue_X509_STORE_add_anchors gave this number, unless it has
 * done so before. How many.
 */
IMPORT(add_anchors) int32_t js_add_anchors(int32_t id, uint32_t subject_hash);
/* The store is gone. */
IMPORT(drop_anchors) void js_drop_anchors(int32_t id);

#endif
