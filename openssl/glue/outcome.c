/*
 * I/O calls with their outcome. SSL_get_error() must follow its call at once, on the same error queue, and errno must be
 * read before anything else can change it: so both are taken here and not in a second call from JavaScript.
 * Follows _PySSL_errno and PySSL_SetError of CPython's _ssl.c.
 */
#include <errno.h>
#include <string.h>
#include <openssl/err.h>
#include "glue.h"

static glue_outcome outcome;

const glue_outcome *glue_get_outcome(void) { return &outcome; }

void glue_clear_failure(void) {
    ERR_clear_error();
    errno = 0;
}

void glue_capture_failure(void) {
    int captured_errno = errno;
    memset(&outcome, 0, sizeof outcome);
    outcome.sys_errno = captured_errno;
    outcome.error = (uint32_t)ERR_peek_last_error();
    outcome.first_error = (uint32_t)ERR_peek_error();
    ERR_clear_error();
}

/* Takes everything at once; `ret` is what SSL_get_error() wants to see, `failed` whether it is a failure at all. */
static int capture(SSL *ssl, int ret, int failed, size_t byte_count) {
    int captured_errno = failed ? errno : 0;
    outcome.ret = ret;
    outcome.ssl_error = failed ? SSL_get_error(ssl, ret) : SSL_ERROR_NONE;
    outcome.sys_errno = captured_errno;
    outcome.error = (uint32_t)ERR_peek_last_error();
    outcome.first_error = (uint32_t)ERR_peek_error();
    outcome.verify_result = (int32_t)SSL_get_verify_result(ssl);
    outcome.byte_count = (uint32_t)byte_count;
    outcome.shutdown_state = SSL_get_shutdown(ssl);
    ERR_clear_error();
    return ret;
}

int glue_SSL_do_handshake(SSL *ssl) {
    glue_clear_failure();
    int ret = SSL_do_handshake(ssl);
    return capture(ssl, ret, ret < 1, 0);
}

int glue_SSL_read_ex(SSL *ssl, void *buffer, size_t length) {
    size_t byte_count = 0;
    glue_clear_failure();
    int ret = SSL_read_ex(ssl, buffer, length, &byte_count);
    return capture(ssl, ret, ret == 0, byte_count);
}

int glue_SSL_write_ex(SSL *ssl, const void *buffer, size_t length) {
    size_t byte_count = 0;
    glue_clear_failure();
    int ret = SSL_write_ex(ssl, buffer, length, &byte_count);
    return capture(ssl, ret, ret == 0, byte_count);
}

/* 0 means that our close_notify went out and the peer's has not come: no failure. */
int glue_SSL_shutdown(SSL *ssl) {
    glue_clear_failure();
    int ret = SSL_shutdown(ssl);
    return capture(ssl, ret, ret < 0, 0);
}

int glue_SSL_verify_client_post_handshake(SSL *ssl) {
    glue_clear_failure();
    int ret = SSL_verify_client_post_handshake(ssl);
    return capture(ssl, ret, ret == 0, 0);
}
