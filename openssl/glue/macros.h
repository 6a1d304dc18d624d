/*
 * OpenSSL's macros as functions of the same name, and fields of its few open structs as functions. The parentheses keep
 * the preprocessor from expanding the macro that the function stands for.
 */
#ifndef PYODIDE_SSL_MACROS_H
#define PYODIDE_SSL_MACROS_H

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

long (SSL_CTX_set_mode)(SSL_CTX *ctx, long mode);
long (SSL_CTX_get_mode)(SSL_CTX *ctx);
long (SSL_set_mode)(SSL *ssl, long mode);
long (SSL_get_mode)(SSL *ssl);
int (SSL_CTX_set_min_proto_version)(SSL_CTX *ctx, int version);
int (SSL_CTX_set_max_proto_version)(SSL_CTX *ctx, int version);
int (SSL_CTX_get_min_proto_version)(SSL_CTX *ctx);
int (SSL_CTX_get_max_proto_version)(SSL_CTX *ctx);
int (SSL_CTX_set1_groups_list)(SSL_CTX *ctx, const char *list);
int (SSL_CTX_set1_groups)(SSL_CTX *ctx, const int *nids, int count);
int (SSL_set1_groups_list)(SSL *ssl, const char *list);
int (SSL_CTX_set1_sigalgs_list)(SSL_CTX *ctx, const char *list);
int (SSL_CTX_set1_client_sigalgs_list)(SSL_CTX *ctx, const char *list);
int (SSL_CTX_get0_implemented_groups)(SSL_CTX *ctx, int all, STACK_OF(OPENSSL_CSTRING) *names);
long (SSL_CTX_set_session_cache_mode)(SSL_CTX *ctx, long mode);
long (SSL_CTX_get_session_cache_mode)(SSL_CTX *ctx);
long (SSL_CTX_sess_number)(SSL_CTX *ctx);
long (SSL_CTX_sess_connect)(SSL_CTX *ctx);
long (SSL_CTX_sess_connect_good)(SSL_CTX *ctx);
long (SSL_CTX_sess_connect_renegotiate)(SSL_CTX *ctx);
long (SSL_CTX_sess_accept)(SSL_CTX *ctx);
long (SSL_CTX_sess_accept_good)(SSL_CTX *ctx);
long (SSL_CTX_sess_accept_renegotiate)(SSL_CTX *ctx);
long (SSL_CTX_sess_hits)(SSL_CTX *ctx);
long (SSL_CTX_sess_misses)(SSL_CTX *ctx);
long (SSL_CTX_sess_timeouts)(SSL_CTX *ctx);
long (SSL_CTX_sess_cache_full)(SSL_CTX *ctx);
long (SSL_CTX_set_tmp_dh)(SSL_CTX *ctx, DH *dh);
long (SSL_CTX_set_dh_auto)(SSL_CTX *ctx, int on);
int (SSL_set_tlsext_host_name)(SSL *ssl, const char *name);
long (SSL_get_extms_support)(SSL *ssl);
int (SSL_get_negotiated_group)(SSL *ssl);
int (SSL_get0_signature_name)(SSL *ssl, const char **name);
int (SSL_get0_peer_signature_name)(SSL *ssl, const char **name);
long (SSL_CTX_add_extra_chain_cert)(SSL_CTX *ctx, X509 *cert);

int (BIO_reset)(BIO *bio);
int (BIO_eof)(BIO *bio);
int (BIO_flush)(BIO *bio);
int (BIO_tell)(BIO *bio);
int (BIO_pending)(BIO *bio);
long (BIO_get_mem_data)(BIO *bio, char **data);
long (BIO_set_mem_eof_return)(BIO *bio, int value);
long (BIO_set_nbio)(BIO *bio, long on);
void (BIO_set_retry_read)(BIO *bio);
void (BIO_clear_retry_flags)(BIO *bio);
int (BIO_should_retry)(BIO *bio);

STACK_OF(OPENSSL_CSTRING) *(sk_OPENSSL_CSTRING_new_null)(void);
int (sk_OPENSSL_CSTRING_num)(const STACK_OF(OPENSSL_CSTRING) *stack);
const char *(sk_OPENSSL_CSTRING_value)(const STACK_OF(OPENSSL_CSTRING) *stack, int index);
void (sk_OPENSSL_CSTRING_free)(STACK_OF(OPENSSL_CSTRING) *stack);
int (sk_X509_num)(const STACK_OF(X509) *stack);
X509 *(sk_X509_value)(const STACK_OF(X509) *stack, int index);
/* sk_X509_pop_free with X509_free */
void glue_sk_X509_pop_free(STACK_OF(X509) *stack);
int (sk_X509_OBJECT_num)(const STACK_OF(X509_OBJECT) *stack);
X509_OBJECT *(sk_X509_OBJECT_value)(const STACK_OF(X509_OBJECT) *stack, int index);
/* sk_X509_OBJECT_pop_free with X509_OBJECT_free: for X509_STORE_get1_objects */
void glue_sk_X509_OBJECT_pop_free(STACK_OF(X509_OBJECT) *stack);
int (sk_SSL_CIPHER_num)(const STACK_OF(SSL_CIPHER) *stack);
SSL_CIPHER *(sk_SSL_CIPHER_value)(const STACK_OF(SSL_CIPHER) *stack, int index);
int (sk_SSL_CIPHER_find)(STACK_OF(SSL_CIPHER) *stack, SSL_CIPHER *cipher);
void (sk_SSL_CIPHER_free)(STACK_OF(SSL_CIPHER) *stack);
int (sk_X509_NAME_num)(const STACK_OF(X509_NAME) *stack);
X509_NAME *(sk_X509_NAME_value)(const STACK_OF(X509_NAME) *stack, int index);
int (sk_GENERAL_NAME_num)(const GENERAL_NAMES *names);
GENERAL_NAME *(sk_GENERAL_NAME_value)(const GENERAL_NAMES *names, int index);
int (sk_ACCESS_DESCRIPTION_num)(const AUTHORITY_INFO_ACCESS *access);
ACCESS_DESCRIPTION *(sk_ACCESS_DESCRIPTION_value)(const AUTHORITY_INFO_ACCESS *access, int index);
int (sk_DIST_POINT_num)(const CRL_DIST_POINTS *points);
DIST_POINT *(sk_DIST_POINT_value)(const CRL_DIST_POINTS *points, int index);

/* GENERAL_NAME.type; its value comes from GENERAL_NAME_get0_value */
int glue_GENERAL_NAME_type(const GENERAL_NAME *name);
/* ACCESS_DESCRIPTION.method and .location */
ASN1_OBJECT *glue_ACCESS_DESCRIPTION_method(const ACCESS_DESCRIPTION *access);
GENERAL_NAME *glue_ACCESS_DESCRIPTION_location(const ACCESS_DESCRIPTION *access);
/* DIST_POINT.distpoint->name.fullname; NULL when the point has none */
GENERAL_NAMES *glue_DIST_POINT_fullname(const DIST_POINT *point);

#endif
