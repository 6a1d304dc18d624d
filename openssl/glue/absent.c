/*
 * In the place of functions of OpenSSL's that reach what nothing of ours needs: absent.ts has the list and the reasons. The linker
 * sends each call of NAME to __wrap_NAME (`--wrap`). Who comes here all the same gets an error.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <stdarg.h>
#include <stdio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include "crypto/bn.h"
#include "crypto/evp.h"
#include "internal/conf.h"
#include "crypto/x509/x509_local.h"
#include "ssl/ssl_local.h"
#include "ssl/record/methods/recmethod_local.h"
#include "ssl/statem/statem_local.h"

#define IN_PLACE_OF(name) __typeof__(name) __wrap_##name

static int refuse(void) {
    ERR_raise(ERR_LIB_CRYPTO, ERR_R_UNSUPPORTED);
    return 0;
}

/*
 * The names of ciphers in old encrypted PEM files ("DEK-Info"). A cipher without a provider is only looked up by what it is
 * called, and fetched.
 */
#define CIPHER(nid_, block, key, iv, mode) { \
    static const EVP_CIPHER cipher = { .nid = nid_, .block_size = block, .key_len = key, .iv_len = iv, .flags = mode, \
                                       .origin = EVP_ORIG_GLOBAL }; \
    EVP_add_cipher(&cipher); \
}
#define AES(bits) \
    CIPHER(NID_aes_##bits##_cbc, 16, bits / 8, 16, EVP_CIPH_CBC_MODE) CIPHER(NID_aes_##bits##_ctr, 1, bits / 8, 16, EVP_CIPH_CTR_MODE) \
    CIPHER(NID_aes_##bits##_cfb128, 1, bits / 8, 16, EVP_CIPH_CFB_MODE) CIPHER(NID_aes_##bits##_ofb128, 1, bits / 8, 16, EVP_CIPH_OFB_MODE)

IN_PLACE_OF(openssl_add_all_ciphers_int);
void __wrap_openssl_add_all_ciphers_int(void) {
    AES(128) AES(192) AES(256)
    CIPHER(NID_des_ede3_cbc, 8, 24, 8, EVP_CIPH_CBC_MODE)
    CIPHER(NID_des_ede3_cfb64, 1, 24, 8, EVP_CIPH_CFB_MODE)
    CIPHER(NID_des_ede3_ofb64, 1, 24, 8, EVP_CIPH_OFB_MODE)
    /* In no provider here, as natively: the error says so. */
    CIPHER(NID_des_cbc, 8, 8, 8, EVP_CIPH_CBC_MODE)
}

IN_PLACE_OF(ossl_config_int);
int __wrap_ossl_config_int(const OPENSSL_INIT_SETTINGS *settings) {
    (void)settings;
    return refuse();
}

/* Contexts are set up from the configuration file, and there is none. */
IN_PLACE_OF(ssl_ctx_system_config);
int __wrap_ssl_ctx_system_config(SSL_CTX *ctx) {
    (void)ctx;
    return 1;
}

/* A place for certificates in which none is ever found. */
IN_PLACE_OF(X509_LOOKUP_store);
X509_LOOKUP_METHOD *__wrap_X509_LOOKUP_store(void) {
    static X509_LOOKUP_METHOD nowhere = { .name = "no URIs" };
    return &nowhere;
}

/* For keys of before there were providers, of which there are none. */
IN_PLACE_OF(EVP_PKEY_meth_find);
const EVP_PKEY_METHOD *__wrap_EVP_PKEY_meth_find(int type) {
    (void)type;
    return NULL;
}

IN_PLACE_OF(evp_pkey_get_params_to_ctrl);
int __wrap_evp_pkey_get_params_to_ctrl(const EVP_PKEY *key, OSSL_PARAM *params) {
    (void)key, (void)params;
    return refuse();
}

/* Keys are loaded, never made; but for a handshake, and there are no RSA keys in handshakes. */
IN_PLACE_OF(RSA_generate_multi_prime_key);
int __wrap_RSA_generate_multi_prime_key(RSA *rsa, int bits, int primes, BIGNUM *e, BN_GENCB *progress) {
    (void)rsa, (void)bits, (void)primes, (void)e, (void)progress;
    return refuse();
}

/* How each extension is read. OpenSSL's table has also how it is printed, and made of a configuration file. */
#define EXTENSION(nid, item) case nid: { static const X509V3_EXT_METHOD method = { .ext_nid = nid, .it = ASN1_ITEM_ref(item) }; return &method; }

IN_PLACE_OF(X509V3_EXT_get_nid);
const X509V3_EXT_METHOD *__wrap_X509V3_EXT_get_nid(int nid) {
    switch (nid) {
        EXTENSION(NID_netscape_cert_type, ASN1_BIT_STRING)
        EXTENSION(NID_subject_key_identifier, ASN1_OCTET_STRING)
        EXTENSION(NID_key_usage, ASN1_BIT_STRING)
        EXTENSION(NID_subject_alt_name, GENERAL_NAMES)
        EXTENSION(NID_issuer_alt_name, GENERAL_NAMES)
        EXTENSION(NID_basic_constraints, BASIC_CONSTRAINTS)
        EXTENSION(NID_crl_number, ASN1_INTEGER)
        EXTENSION(NID_certificate_policies, CERTIFICATEPOLICIES)
        EXTENSION(NID_authority_key_identifier, AUTHORITY_KEYID)
        EXTENSION(NID_crl_distribution_points, CRL_DIST_POINTS)
        EXTENSION(NID_ext_key_usage, EXTENDED_KEY_USAGE)
        EXTENSION(NID_delta_crl, ASN1_INTEGER)
        EXTENSION(NID_crl_reason, ASN1_ENUMERATED)
        EXTENSION(NID_info_access, AUTHORITY_INFO_ACCESS)
        EXTENSION(NID_sinfo_access, AUTHORITY_INFO_ACCESS)
        EXTENSION(NID_policy_constraints, POLICY_CONSTRAINTS)
        EXTENSION(NID_proxyCertInfo, PROXY_CERT_INFO_EXTENSION)
        EXTENSION(NID_name_constraints, NAME_CONSTRAINTS)
        EXTENSION(NID_policy_mappings, POLICY_MAPPINGS)
        EXTENSION(NID_inhibit_any_policy, ASN1_INTEGER)
        EXTENSION(NID_issuing_distribution_point, ISSUING_DIST_POINT)
        EXTENSION(NID_certificate_issuer, GENERAL_NAMES)
        EXTENSION(NID_freshest_crl, CRL_DIST_POINTS)
        default: return NULL;
    }
}

/* Public keys are written by encoders, of which there are none: they would be of use for connections without certificates. */
IN_PLACE_OF(i2d_PUBKEY);
int __wrap_i2d_PUBKEY(const EVP_PKEY *key, unsigned char **out) {
    (void)key, (void)out;
    refuse();
    return -1;
}

IN_PLACE_OF(ASN1_item_print);
int __wrap_ASN1_item_print(BIO *out, const ASN1_VALUE *value, int indent, const ASN1_ITEM *item, const ASN1_PCTX *how) {
    (void)out, (void)value, (void)indent, (void)item, (void)how;
    return refuse();
}

IN_PLACE_OF(OSSL_PARAM_allocate_from_text);
int __wrap_OSSL_PARAM_allocate_from_text(OSSL_PARAM *to, const OSSL_PARAM *known, const char *name, const char *value,
                                         size_t length, int *found) {
    (void)to, (void)known, (void)name, (void)value, (void)length, (void)found;
    return refuse();
}

/* Primes are looked for and checked where keys and parameters are made. */
IN_PLACE_OF(BN_generate_prime_ex2);
int __wrap_BN_generate_prime_ex2(BIGNUM *prime, int bits, int safe, const BIGNUM *add, const BIGNUM *remainder, BN_GENCB *progress,
                                 BN_CTX *ctx) {
    (void)prime, (void)bits, (void)safe, (void)add, (void)remainder, (void)progress, (void)ctx;
    return refuse();
}

IN_PLACE_OF(BN_check_prime);
int __wrap_BN_check_prime(const BIGNUM *number, BN_CTX *ctx, BN_GENCB *progress) {
    (void)number, (void)ctx, (void)progress;
    refuse();
    return -1;
}

/* DTLS: `no-dtls` leaves what is chosen at run time. No connection is one. */
IN_PLACE_OF(DTLS_method);
const SSL_METHOD *__wrap_DTLS_method(void) { return TLS_method(); }

IN_PLACE_OF(dtls_get_more_records);
int __wrap_dtls_get_more_records(OSSL_RECORD_LAYER *layer) {
    (void)layer;
    refuse();
    return OSSL_RECORD_RETURN_FATAL;
}

IN_PLACE_OF(dtls_get_message);
int __wrap_dtls_get_message(SSL_CONNECTION *connection, int *type) {
    (void)connection, (void)type;
    return refuse();
}

IN_PLACE_OF(dtls_get_message_body);
int __wrap_dtls_get_message_body(SSL_CONNECTION *connection, size_t *length) {
    (void)connection, (void)length;
    return refuse();
}

IN_PLACE_OF(dtls1_do_write);
int __wrap_dtls1_do_write(SSL_CONNECTION *connection, uint8_t type) {
    (void)connection, (void)type;
    refuse();
    return -1;
}

/* What OpenSSL says before it aborts, with its own formatting instead of the C library's. */
IN_PLACE_OF(OPENSSL_showfatal);
void __wrap_OPENSSL_showfatal(const char *format, ...) {
    char text[256];
    va_list values;
    va_start(values, format);
    BIO_vsnprintf(text, sizeof text, format, values);
    va_end(values);
    fputs(text, stderr);
}

/* Reads the port of a URL, for name constraints; nothing else asks. The C library's reads floating point as well. */
int sscanf(const char *text, const char *format, ...) {
    va_list places;
    if (strcmp(format, "%u") != 0 && strcmp(format, "%d") != 0) abort();
    if (*text < '0' || *text > '9') return *text == '\0' ? EOF : 0;
    unsigned number = 0;
    for (; *text >= '0' && *text <= '9'; text++) number = number > 100000 ? number : number * 10 + (unsigned)(*text - '0');
    va_start(places, format);
    *va_arg(places, unsigned *) = number;
    va_end(places);
    return 1;
}
