/**
 * Functions of OpenSSL's that the linker replaces by ours (`glue/absent.c`), each with its reason. What only they reach is then
 * not linked. Each of them is unreachable for `_ssl`, or does here what it would do there; if not, it raises an error.
 */
const ABSENT: readonly (readonly [name: string, reason: string])[] = [
  [
    "openssl_add_all_ciphers_int",
    "ciphers of before there were providers: PEM files need some of their names",
  ],
  ["ossl_config_int", "openssl.cnf, which is not read (see README.md)"],
  ["ssl_ctx_system_config", "openssl.cnf, which is not read"],
  ["X509_LOOKUP_store", "certificates by URI: OpenSSL has no default URI, and `_ssl` gives none"],
  ["EVP_PKEY_meth_find", "keys of before there were providers"],
  ["evp_pkey_get_params_to_ctrl", "keys of before there were providers"],
  ["RSA_generate_multi_prime_key", "`_ssl` makes no keys"],
  ["BN_generate_prime_ex2", "`_ssl` makes no keys"],
  [
    "BN_check_prime",
    "nor does it check numbers in them for being prime, as OpenSSL does not when it loads or receives them",
  ],
  ["OSSL_PARAM_allocate_from_text", "settings of algorithms as text, from the command line"],
  ["i2d_PUBKEY", "public keys without certificates (RFC 7250), which `_ssl` has no door to"],
  ["ASN1_item_print", "printing certificates: `_ssl` reads them"],
  ["DTLS_method", "`_ssl` has no DTLS"],
  ["dtls_get_more_records", "`_ssl` has no DTLS"],
  ["dtls_get_message", "`_ssl` has no DTLS"],
  ["dtls_get_message_body", "`_ssl` has no DTLS"],
  ["dtls1_do_write", "`_ssl` has no DTLS"],
  ["OPENSSL_showfatal", "printing with the C library"],
  ["X509V3_EXT_get_nid", "printing and making extensions: `_ssl` reads them"],
];

/** The linker's flags for them. */
export const ABSENT_FLAGS: readonly string[] = ABSENT.map(([name]) => `-Wl,--wrap=${name}`);
