/*
 * What OpenSSL's default provider offers here: the algorithms of TLS, of certificates and of key files. OpenSSL's own list
 * (providers/defltprov.c) has everything that it can do: encoders, modes for disks and key wrapping, key derivation for SSH and
 * Kerberos, random generators for tests. What is not fetched by anything is then not linked.
 */
#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include "prov/bio.h"
#include "prov/implementations.h"
#include "prov/names.h"
#include "prov/provider_ctx.h"
#include "prov/provider_util.h"
#include "prov/providercommon.h"
#include "prov/seeding.h"
#include "crypto/provider_local.h"

#define PROVIDER "provider=default"
#define ALGORITHM(names, table) { PROV_NAMES_##names, PROVIDER, ossl_##table##_functions, NULL }
#define KEYS(names, table) { PROV_NAMES_##names, PROVIDER, ossl_##table##_keymgmt_functions, PROV_DESCS_##names }
#define END { NULL, NULL, NULL, NULL }

static const OSSL_ALGORITHM digests[] = {
    ALGORITHM(SHA1, sha1), ALGORITHM(SHA2_224, sha224), ALGORITHM(SHA2_256, sha256), ALGORITHM(SHA2_384, sha384),
    ALGORITHM(SHA2_512, sha512), ALGORITHM(SHA2_512_224, sha512_224), ALGORITHM(SHA2_512_256, sha512_256),
    ALGORITHM(SHA3_224, sha3_224), ALGORITHM(SHA3_256, sha3_256), ALGORITHM(SHA3_384, sha3_384), ALGORITHM(SHA3_512, sha3_512),
    ALGORITHM(SHAKE_128, shake_128), ALGORITHM(SHAKE_256, shake_256),
    ALGORITHM(MD5, md5), ALGORITHM(MD5_SHA1, md5_sha1), END,
};

#define AES(bits) \
    ALGORITHM(AES_##bits##_ECB, aes##bits##ecb), ALGORITHM(AES_##bits##_CBC, aes##bits##cbc), \
    ALGORITHM(AES_##bits##_OFB, aes##bits##ofb), ALGORITHM(AES_##bits##_CFB, aes##bits##cfb), \
    ALGORITHM(AES_##bits##_CTR, aes##bits##ctr), ALGORITHM(AES_##bits##_GCM, aes##bits##gcm), \
    ALGORITHM(AES_##bits##_CCM, aes##bits##ccm)

static const OSSL_ALGORITHM ciphers[] = {
    ALGORITHM(NULL, null), AES(256), AES(192), AES(128), ALGORITHM(DES_EDE3_CBC, tdes_ede3_cbc),
    ALGORITHM(DES_EDE3_OFB, tdes_ede3_ofb), ALGORITHM(DES_EDE3_CFB, tdes_ede3_cfb),
    ALGORITHM(ChaCha20, chacha20), ALGORITHM(ChaCha20_Poly1305, chacha20_ossl_poly1305), END,
};

static const OSSL_ALGORITHM macs[] = { ALGORITHM(HMAC, hmac), END };

/* TLS, and the passwords of key files. */
static const OSSL_ALGORITHM derivations[] = {
    ALGORITHM(HKDF, kdf_hkdf), ALGORITHM(TLS1_3_KDF, kdf_tls1_3_kdf), ALGORITHM(TLS1_PRF, kdf_tls1_prf),
    ALGORITHM(PBKDF2, kdf_pbkdf2), ALGORITHM(PKCS12KDF, kdf_pkcs12), ALGORITHM(SCRYPT, kdf_scrypt), END,
};

static const OSSL_ALGORITHM generators[] = { ALGORITHM(CTR_DRBG, drbg_ctr), ALGORITHM(SEED_SRC, seed_src), END };

static const OSSL_ALGORITHM exchanges[] = {
    ALGORITHM(DH, dh_keyexch), ALGORITHM(ECDH, ecdh_keyexch), ALGORITHM(X25519, x25519_keyexch), ALGORITHM(X448, x448_keyexch), END,
};

static const OSSL_ALGORITHM signatures[] = {
    ALGORITHM(RSA, rsa_signature), ALGORITHM(ED25519, ed25519_signature), ALGORITHM(ED448, ed448_signature),
    ALGORITHM(ECDSA, ecdsa_signature), ALGORITHM(ML_DSA_44, ml_dsa_44_signature), ALGORITHM(ML_DSA_65, ml_dsa_65_signature),
    ALGORITHM(ML_DSA_87, ml_dsa_87_signature), ALGORITHM(HMAC, mac_legacy_hmac_signature), END,
};

static const OSSL_ALGORITHM encryptions[] = { ALGORITHM(RSA, rsa_asym_cipher), END };

static const OSSL_ALGORITHM encapsulations[] = {
    ALGORITHM(ML_KEM_512, ml_kem_asym_kem), ALGORITHM(ML_KEM_768, ml_kem_asym_kem), ALGORITHM(ML_KEM_1024, ml_kem_asym_kem),
    ALGORITHM(X25519MLKEM768, mlx_kem_asym_kem), ALGORITHM(X448MLKEM1024, mlx_kem_asym_kem),
    ALGORITHM(SecP256r1MLKEM768, mlx_kem_asym_kem), ALGORITHM(SecP384r1MLKEM1024, mlx_kem_asym_kem), END,
};

#define HYBRID(names, table) { PROV_NAMES_##names, PROVIDER, ossl_mlx_##table##_kem_kmgmt_functions, PROV_DESCS_##names }

static const OSSL_ALGORITHM keys[] = {
    KEYS(DH, dh), KEYS(DHX, dhx), KEYS(RSA, rsa), KEYS(RSA_PSS, rsapss), KEYS(EC, ec),
    KEYS(X25519, x25519), KEYS(X448, x448), KEYS(ED25519, ed25519), KEYS(ED448, ed448),
    KEYS(ML_DSA_44, ml_dsa_44), KEYS(ML_DSA_65, ml_dsa_65), KEYS(ML_DSA_87, ml_dsa_87),
    KEYS(ML_KEM_512, ml_kem_512), KEYS(ML_KEM_768, ml_kem_768), KEYS(ML_KEM_1024, ml_kem_1024),
    HYBRID(X25519MLKEM768, x25519), HYBRID(X448MLKEM1024, x448), HYBRID(SecP256r1MLKEM768, p256),
    HYBRID(SecP384r1MLKEM1024, p384),
    /* TLS signs with it: binders, and records in CBC. */
    { PROV_NAMES_HMAC, PROVIDER, ossl_mac_legacy_keymgmt_functions, PROV_DESCS_HMAC_SIGN }, END,
};

/* From DER to a key, for each structure in which a file may hold it. */
#define DER(names, structure, text, table) \
    { names, PROVIDER ",input=der,structure=" text, ossl_##structure##_der_to_##table##_decoder_functions, NULL }
#define PRIVATE(names, table) DER(names, PrivateKeyInfo, "PrivateKeyInfo", table)
#define PUBLIC(names, table) DER(names, SubjectPublicKeyInfo, "SubjectPublicKeyInfo", table)
#define BOTH(names, table) PRIVATE(names, table), PUBLIC(names, table)

static const OSSL_ALGORITHM decoders[] = {
    BOTH("DH", dh), DER("DH", type_specific_params, "type-specific", dh), DER("DH", DH, "dh", dh),
    BOTH("DHX", dhx), DER("DHX", type_specific_params, "type-specific", dhx), DER("DHX", DHX, "dhx", dhx),
    BOTH("EC", ec), DER("EC", type_specific_no_pub, "type-specific", ec), DER("EC", EC, "ec", ec),
    BOTH("ED25519", ed25519), BOTH("ED448", ed448), BOTH("X25519", x25519), BOTH("X448", x448),
    BOTH("ML-KEM-512", ml_kem_512), BOTH("ML-KEM-768", ml_kem_768), BOTH("ML-KEM-1024", ml_kem_1024),
    BOTH("RSA", rsa), DER("RSA", type_specific_keypair, "type-specific", rsa), DER("RSA", RSA, "rsa", rsa),
    BOTH("RSA-PSS", rsapss), BOTH("ML-DSA-44", ml_dsa_44), BOTH("ML-DSA-65", ml_dsa_65), BOTH("ML-DSA-87", ml_dsa_87),
    PUBLIC("DER", der), { "DER", PROVIDER ",input=pem", ossl_pem_to_der_decoder_functions, NULL },
    DER("DER", EncryptedPrivateKeyInfo, "EncryptedPrivateKeyInfo", der), END,
};

static const OSSL_ALGORITHM *query(void *context, int operation, int *no_cache) {
    (void)context;
    *no_cache = 0;
    switch (operation) {
        case OSSL_OP_DIGEST: return digests;
        case OSSL_OP_CIPHER: return ciphers;
        case OSSL_OP_MAC: return macs;
        case OSSL_OP_KDF: return derivations;
        case OSSL_OP_RAND: return generators;
        case OSSL_OP_KEYMGMT: return keys;
        case OSSL_OP_KEYEXCH: return exchanges;
        case OSSL_OP_SIGNATURE: return signatures;
        case OSSL_OP_ASYM_CIPHER: return encryptions;
        case OSSL_OP_KEM: return encapsulations;
        case OSSL_OP_DECODER: return decoders;
        default: return NULL;
    }
}

static void teardown(void *context) {
    BIO_meth_free(ossl_prov_ctx_get0_core_bio_method(context));
    ossl_prov_ctx_free(context);
}

static const OSSL_DISPATCH functions[] = {
    { OSSL_FUNC_PROVIDER_TEARDOWN, (void (*)(void))teardown },
    { OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query },
    { OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))ossl_prov_get_capabilities },
    OSSL_DISPATCH_END,
};

static int start(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core, const OSSL_DISPATCH **offered, void **context) {
    OSSL_FUNC_core_get_libctx_fn *get_library = NULL;
    OSSL_FUNC_core_get_params_fn *get_params = NULL;
    if (!ossl_prov_bio_from_dispatch(core) || !ossl_prov_seeding_from_dispatch(core)) return 0;
    for (const OSSL_DISPATCH *entry = core; entry->function_id != 0; entry++) {
        if (entry->function_id == OSSL_FUNC_CORE_GET_LIBCTX) get_library = OSSL_FUNC_core_get_libctx(entry);
        if (entry->function_id == OSSL_FUNC_CORE_GET_PARAMS) get_params = OSSL_FUNC_core_get_params(entry);
    }
    BIO_METHOD *bio = ossl_bio_prov_init_bio_method();
    PROV_CTX *mine = ossl_prov_ctx_new();
    if (get_library == NULL || bio == NULL || mine == NULL) {
        BIO_meth_free(bio);
        ossl_prov_ctx_free(mine);
        return 0;
    }
    ossl_prov_ctx_set0_libctx(mine, (OSSL_LIB_CTX *)get_library(handle));
    ossl_prov_ctx_set0_handle(mine, handle);
    ossl_prov_ctx_set0_core_bio_method(mine, bio);
    ossl_prov_ctx_set0_core_get_params(mine, get_params);
    *context = mine;
    *offered = functions;
    return 1;
}

/* In the place of crypto/provider_predefined.c, which has the providers "base" and "null", too. */
extern const OSSL_PROVIDER_INFO ossl_predefined_providers[];
const OSSL_PROVIDER_INFO ossl_predefined_providers[] = {
    { "default", NULL, start, NULL, 1 },
    { NULL, NULL, NULL, NULL, 0 },
};
