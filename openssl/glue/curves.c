/*
 * P-224 by OpenSSL's general code. Its own (ecp_nistp224.c) is 80 kB of tables and unrolled arithmetic, for a curve that TLS 1.3
 * does not have and that no browser offers. Object files come before archives, so that this is what OpenSSL's list of curves finds.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/ec.h>

const EC_METHOD *EC_GFp_nistp224_method(void);
const EC_METHOD *EC_GFp_nistp224_method(void) { return EC_GFp_mont_method(); }

/* Called for points computed beforehand, of which P-224 then has none. */
void *EC_nistp224_pre_comp_dup(void *points);
void EC_nistp224_pre_comp_free(void *points);
void *EC_nistp224_pre_comp_dup(void *points) { return points; }
void EC_nistp224_pre_comp_free(void *points) { (void)points; }
