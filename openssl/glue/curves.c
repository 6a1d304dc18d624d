/*
 * P-224 and P-521 by OpenSSL's general code. Their own (ecp_nistp224.c, ecp_nistp521.c) are 80 and 60 kB of tables and unrolled
 * arithmetic (compiled for speed), for curves that are rare: P-224 is not in TLS 1.3, and P-521 is offered after all others.
 * Object files come before archives, so that this is what OpenSSL's list of curves finds.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/ec.h>

/* Also what is called for points computed beforehand, of which there are none. */
#define GENERAL(curve) \
    const EC_METHOD *EC_GFp_##curve##_method(void); \
    const EC_METHOD *EC_GFp_##curve##_method(void) { return EC_GFp_mont_method(); } \
    void *EC_##curve##_pre_comp_dup(void *points); \
    void *EC_##curve##_pre_comp_dup(void *points) { return points; } \
    void EC_##curve##_pre_comp_free(void *points); \
    void EC_##curve##_pre_comp_free(void *points) { (void)points; }

GENERAL(nistp224)
GENERAL(nistp521)
