/* Functions for OpenSSL's macros. In each body the macro of the same name is expanded; see macros.h. */
#include "glue.h"

long (SSL_CTX_set_mode)(SSL_CTX *ctx, long mode) { return SSL_CTX_set_mode(ctx, mode); }
long (SSL_CTX_get_mode)(SSL_CTX *ctx) { return SSL_CTX_get_mode(ctx); }
long (SSL_set_mode)(SSL *ssl, long mode) { return SSL_set_mode(ssl, mode); }
long (SSL_get_mode)(SSL *ssl) { return SSL_get_mode(ssl); }
int (SSL_CTX_set_min_proto_version)(SSL_CTX *ctx, int version) { return (int)SSL_CTX_set_min_proto_version(ctx, version); }
int (SSL_CTX_set_max_proto_version)(SSL_CTX *ctx, int version) { return (int)SSL_CTX_set_max_proto_version(ctx, version); }
int (SSL_CTX_get_min_proto_version)(SSL_CTX *ctx) { return (int)SSL_CTX_get_min_proto_version(ctx); }
int (SSL_CTX_get_max_proto_version)(SSL_CTX *ctx) { return (int)SSL_CTX_get_max_proto_version(ctx); }
int (SSL_CTX_set1_groups_list)(SSL_CTX *ctx, const char *list) { return (int)SSL_CTX_set1_groups_list(ctx, list); }
int (SSL_CTX_set1_groups)(SSL_CTX *ctx, const int *nids, int count) { return (int)SSL_CTX_set1_groups(ctx, nids, count); }
int (SSL_set1_groups_list)(SSL *ssl, const char *list) { return (int)SSL_set1_groups_list(ssl, list); }
int (SSL_CTX_set1_sigalgs_list)(SSL_CTX *ctx, const char *list) { return (int)SSL_CTX_set1_sigalgs_list(ctx, list); }
int (SSL_CTX_set1_client_sigalgs_list)(SSL_CTX *ctx, const char *list) { return (int)SSL_CTX_set1_client_sigalgs_list(ctx, list); }
int (SSL_CTX_get0_implemented_groups)(SSL_CTX *ctx, int all, STACK_OF(OPENSSL_CSTRING) *names) { return (int)SSL_CTX_get0_implemented_groups(ctx, all, names); }
long (SSL_CTX_set_session_cache_mode)(SSL_CTX *ctx, long mode) { return SSL_CTX_set_session_cache_mode(ctx, mode); }
long (SSL_CTX_get_session_cache_mode)(SSL_CTX *ctx) { return SSL_CTX_get_session_cache_mode(ctx); }
long (SSL_CTX_sess_number)(SSL_CTX *ctx) { return SSL_CTX_sess_number(ctx); }
long (SSL_CTX_sess_connect)(SSL_CTX *ctx) { return SSL_CTX_sess_connect(ctx); }
long (SSL_CTX_sess_connect_good)(SSL_CTX *ctx) { return SSL_CTX_sess_connect_good(ctx); }
long (SSL_CTX_sess_connect_renegotiate)(SSL_CTX *ctx) { return SSL_CTX_sess_connect_renegotiate(ctx); }
long (SSL_CTX_sess_accept)(SSL_CTX *ctx) { return SSL_CTX_sess_accept(ctx); }
long (SSL_CTX_sess_accept_good)(SSL_CTX *ctx) { return SSL_CTX_sess_accept_good(ctx); }
long (SSL_CTX_sess_accept_renegotiate)(SSL_CTX *ctx) { return SSL_CTX_sess_accept_renegotiate(ctx); }
long (SSL_CTX_sess_hits)(SSL_CTX *ctx) { return SSL_CTX_sess_hits(ctx); }
long (SSL_CTX_sess_misses)(SSL_CTX *ctx) { return SSL_CTX_sess_misses(ctx); }
long (SSL_CTX_sess_timeouts)(SSL_CTX *ctx) { return SSL_CTX_sess_timeouts(ctx); }
long (SSL_CTX_sess_cache_full)(SSL_CTX *ctx) { return SSL_CTX_sess_cache_full(ctx); }
long (SSL_CTX_set_tmp_dh)(SSL_CTX *ctx, DH *dh) { return SSL_CTX_set_tmp_dh(ctx, dh); }
long (SSL_CTX_set_dh_auto)(SSL_CTX *ctx, int on) { return SSL_CTX_set_dh_auto(ctx, on); }
int (SSL_set_tlsext_host_name)(SSL *ssl, const char *name) { return (int)SSL_set_tlsext_host_name(ssl, name); }
long (SSL_get_extms_support)(SSL *ssl) { return SSL_get_extms_support(ssl); }
int (SSL_get_negotiated_group)(SSL *ssl) { return (int)SSL_get_negotiated_group(ssl); }
int (SSL_get0_signature_name)(SSL *ssl, const char **name) { return (int)SSL_get0_signature_name(ssl, name); }
int (SSL_get0_peer_signature_name)(SSL *ssl, const char **name) { return (int)SSL_get0_peer_signature_name(ssl, name); }
long (SSL_CTX_add_extra_chain_cert)(SSL_CTX *ctx, X509 *cert) { return SSL_CTX_add_extra_chain_cert(ctx, cert); }

int (BIO_reset)(BIO *bio) { return (int)BIO_reset(bio); }
int (BIO_eof)(BIO *bio) { return (int)BIO_eof(bio); }
int (BIO_flush)(BIO *bio) { return (int)BIO_flush(bio); }
int (BIO_tell)(BIO *bio) { return (int)BIO_tell(bio); }
int (BIO_pending)(BIO *bio) { return (int)BIO_pending(bio); }
long (BIO_get_mem_data)(BIO *bio, char **data) { return BIO_get_mem_data(bio, data); }
long (BIO_set_mem_eof_return)(BIO *bio, int value) { return BIO_set_mem_eof_return(bio, value); }
long (BIO_set_nbio)(BIO *bio, long on) { return BIO_set_nbio(bio, on); }
void (BIO_set_retry_read)(BIO *bio) { BIO_set_retry_read(bio); }
void (BIO_clear_retry_flags)(BIO *bio) { BIO_clear_retry_flags(bio); }
int (BIO_should_retry)(BIO *bio) { return BIO_should_retry(bio); }

STACK_OF(OPENSSL_CSTRING) *(sk_OPENSSL_CSTRING_new_null)(void) { return sk_OPENSSL_CSTRING_new_null(); }
int (sk_OPENSSL_CSTRING_num)(const STACK_OF(OPENSSL_CSTRING) *stack) { return sk_OPENSSL_CSTRING_num(stack); }
const char *(sk_OPENSSL_CSTRING_value)(const STACK_OF(OPENSSL_CSTRING) *stack, int index) { return sk_OPENSSL_CSTRING_value(stack, index); }
void (sk_OPENSSL_CSTRING_free)(STACK_OF(OPENSSL_CSTRING) *stack) { sk_OPENSSL_CSTRING_free(stack); }
int (sk_X509_num)(const STACK_OF(X509) *stack) { return sk_X509_num(stack); }
X509 *(sk_X509_value)(const STACK_OF(X509) *stack, int index) { return sk_X509_value(stack, index); }
void glue_sk_X509_pop_free(STACK_OF(X509) *stack) { sk_X509_pop_free(stack, X509_free); }
int (sk_X509_OBJECT_num)(const STACK_OF(X509_OBJECT) *stack) { return sk_X509_OBJECT_num(stack); }
X509_OBJECT *(sk_X509_OBJECT_value)(const STACK_OF(X509_OBJECT) *stack, int index) { return sk_X509_OBJECT_value(stack, index); }
void glue_sk_X509_OBJECT_pop_free(STACK_OF(X509_OBJECT) *stack) { sk_X509_OBJECT_pop_free(stack, X509_OBJECT_free); }
int (sk_SSL_CIPHER_num)(const STACK_OF(SSL_CIPHER) *stack) { return sk_SSL_CIPHER_num(stack); }
SSL_CIPHER *(sk_SSL_CIPHER_value)(const STACK_OF(SSL_CIPHER) *stack, int index) { return (SSL_CIPHER *)sk_SSL_CIPHER_value(stack, index); }
int (sk_SSL_CIPHER_find)(STACK_OF(SSL_CIPHER) *stack, SSL_CIPHER *cipher) { return sk_SSL_CIPHER_find(stack, cipher); }
void (sk_SSL_CIPHER_free)(STACK_OF(SSL_CIPHER) *stack) { sk_SSL_CIPHER_free(stack); }
int (sk_X509_NAME_num)(const STACK_OF(X509_NAME) *stack) { return sk_X509_NAME_num(stack); }
X509_NAME *(sk_X509_NAME_value)(const STACK_OF(X509_NAME) *stack, int index) { return sk_X509_NAME_value(stack, index); }
int (sk_GENERAL_NAME_num)(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }
GENERAL_NAME *(sk_GENERAL_NAME_value)(const GENERAL_NAMES *names, int index) { return sk_GENERAL_NAME_value(names, index); }
int (sk_ACCESS_DESCRIPTION_num)(const AUTHORITY_INFO_ACCESS *access) { return sk_ACCESS_DESCRIPTION_num(access); }
ACCESS_DESCRIPTION *(sk_ACCESS_DESCRIPTION_value)(const AUTHORITY_INFO_ACCESS *access, int index) { return sk_ACCESS_DESCRIPTION_value(access, index); }
int (sk_DIST_POINT_num)(const CRL_DIST_POINTS *points) { return sk_DIST_POINT_num(points); }
DIST_POINT *(sk_DIST_POINT_value)(const CRL_DIST_POINTS *points, int index) { return sk_DIST_POINT_value(points, index); }

int glue_GENERAL_NAME_type(const GENERAL_NAME *name) { return name->type; }
ASN1_OBJECT *glue_ACCESS_DESCRIPTION_method(const ACCESS_DESCRIPTION *access) { return access->method; }
GENERAL_NAME *glue_ACCESS_DESCRIPTION_location(const ACCESS_DESCRIPTION *access) { return access->location; }

GENERAL_NAMES *glue_DIST_POINT_fullname(const DIST_POINT *point) {
    /* type 1 is a name relative to the CRL's issuer, which _ssl.c leaves out as well */
    return point->distpoint != NULL && point->distpoint->type == 0 ? point->distpoint->name.fullname : NULL;
}
