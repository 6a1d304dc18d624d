/*
 * OpenSSL's callbacks, handed on to JavaScript. C keeps only a number in the app data of contexts and connections;
 * JavaScript finds its object by it. Follows the callbacks of CPython's _ssl.c and _ssl/debughelpers.c.
 */
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include "glue.h"
#include "imports.h"

int glue_SSL_CTX_set_id(SSL_CTX *ctx, int32_t id) { return SSL_CTX_set_app_data(ctx, (void *)(intptr_t)id); }
int32_t glue_SSL_CTX_get_id(const SSL_CTX *ctx) { return (int32_t)(intptr_t)SSL_CTX_get_app_data(ctx); }
int glue_SSL_set_id(SSL *ssl, int32_t id) { return SSL_set_app_data(ssl, (void *)(intptr_t)id); }
int32_t glue_SSL_get_id(const SSL *ssl) { return (int32_t)(intptr_t)SSL_get_app_data(ssl); }

static int on_password(char *buffer, int capacity, int for_writing, void *context_id) {
    return js_password((int32_t)(intptr_t)context_id, buffer, capacity, for_writing);
}

void glue_SSL_CTX_enable_password_callback(SSL_CTX *ctx, int on) {
    SSL_CTX_set_default_passwd_cb(ctx, on ? on_password : NULL);
    SSL_CTX_set_default_passwd_cb_userdata(ctx, on ? (void *)(intptr_t)glue_SSL_CTX_get_id(ctx) : NULL);
}

static int on_servername(SSL *ssl, int *alert, void *arg) {
    (void)arg;
    int32_t chosen_alert = *alert;
    int32_t result = js_servername(glue_SSL_get_id(ssl), SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name), &chosen_alert);
    *alert = chosen_alert;
    return result;
}

void glue_SSL_CTX_enable_servername_callback(SSL_CTX *ctx, int on) {
    SSL_CTX_set_tlsext_servername_callback(ctx, (on ? on_servername : NULL));
}

static void on_message(int is_write, int version, int content_type, const void *data, size_t length, SSL *ssl, void *arg) {
    (void)arg;
    js_message(glue_SSL_get_id(ssl), is_write, version, content_type, data, length);
}

void glue_SSL_CTX_enable_msg_callback(SSL_CTX *ctx, int on) { SSL_CTX_set_msg_callback(ctx, on ? on_message : NULL); }
void glue_SSL_enable_msg_callback(SSL *ssl, int on) { SSL_set_msg_callback(ssl, on ? on_message : NULL); }

static void on_keylog(const SSL *ssl, const char *line) { js_keylog(glue_SSL_get_id(ssl), line); }

void glue_SSL_CTX_enable_keylog_callback(SSL_CTX *ctx, int on) { SSL_CTX_set_keylog_callback(ctx, on ? on_keylog : NULL); }

static unsigned int on_psk_client(SSL *ssl, const char *hint, char *identity, unsigned int identity_capacity,
                                  unsigned char *psk, unsigned int psk_capacity) {
    return js_psk_client(glue_SSL_get_id(ssl), hint, identity, identity_capacity, psk, psk_capacity);
}

void glue_SSL_CTX_enable_psk_client_callback(SSL_CTX *ctx, int on) {
    SSL_CTX_set_psk_client_callback(ctx, on ? on_psk_client : NULL);
}

static unsigned int on_psk_server(SSL *ssl, const char *identity, unsigned char *psk, unsigned int psk_capacity) {
    return js_psk_server(glue_SSL_get_id(ssl), identity, psk, psk_capacity);
}

void glue_SSL_CTX_enable_psk_server_callback(SSL_CTX *ctx, int on) {
    SSL_CTX_set_psk_server_callback(ctx, on ? on_psk_server : NULL);
}

/* ---- ALPN ------------------------------------------------------------------------------------------------------------- */

typedef struct {
    unsigned int length;
    unsigned char protos[];
} alpn_list;

static void free_alpn_list(void *parent, void *list, CRYPTO_EX_DATA *data, int index, long argl, void *argp) {
    (void)parent, (void)data, (void)index, (void)argl, (void)argp;
    OPENSSL_free(list);
}

static int alpn_index(void) {
    static int index = -1;
    if (index < 0) index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_alpn_list);
    return index;
}

/* do_protocol_selection of _ssl.c: the server's order decides, and without an overlap the handshake goes on without ALPN. */
static int on_alpn_select(SSL *ssl, const unsigned char **out, unsigned char *out_length, const unsigned char *client,
                          unsigned int client_length, void *arg) {
    (void)ssl;
    const alpn_list *server = arg;
    int result = SSL_select_next_proto((unsigned char **)out, out_length, server->protos, server->length, client, client_length);
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

int glue_SSL_CTX_set_alpn(SSL_CTX *ctx, const unsigned char *protos, unsigned int length) {
    alpn_list *list = OPENSSL_malloc(sizeof *list + length);
    if (list == NULL) return 1;
    list->length = length;
    memcpy(list->protos, protos, length);
    void *previous = SSL_CTX_get_ex_data(ctx, alpn_index());
    if (!SSL_CTX_set_ex_data(ctx, alpn_index(), list)) {
        OPENSSL_free(list);
        return 1;
    }
    SSL_CTX_set_alpn_select_cb(ctx, on_alpn_select, list);
    OPENSSL_free(previous);
    return SSL_CTX_set_alpn_protos(ctx, protos, length);
}
