#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include "memory.h"
#include "glue.h"
#include "../tables/tables.h"

int glue_start(void) {
    if (!glue_count_allocations()) return 0;
    tables_fill_curve25519();
    if (!OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL)) {
        glue_capture_failure();
        return 0;
    }
    return 1;
}
