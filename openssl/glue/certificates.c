/*
 * What peers have shown, kept: who connects to a server again need not parse its certificates and check their signatures again, which
 * is a third of what a handshake costs. The linker sends the calls of these functions here (WRAPPED in build.ts).
 *
 * A certificate that comes again, byte for byte, is the object that was made of it before; nobody changes one that came from a peer.
 * Its signature stays right under the key under which it was right. Everything else is checked each time: names, times, purposes,
 * who is trusted. The kept objects are held, so that an address stands for the same certificate or key as long as it is here.
 */
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include "ssl/ssl_local.h"
#include "ssl/statem/statem_local.h"

enum { CAPACITY = 16, LONGEST = 8192 }; /* most take some 10 kB, parsed */

static struct kept {
    X509 *certificate;
    unsigned char *bytes;
    size_t length;
    EVP_PKEY *signer; /* under whose key its signature was right; NULL: not known */
    uint64_t used;
} kept[CAPACITY];

static uint64_t now;
static int is_peers;

__typeof__(d2i_X509) __real_d2i_X509, __wrap_d2i_X509;
__typeof__(X509_verify) __real_X509_verify, __wrap_X509_verify;
__typeof__(ossl_statem_client_process_message) __real_ossl_statem_client_process_message,
    __wrap_ossl_statem_client_process_message;
__typeof__(ossl_statem_server_process_message) __real_ossl_statem_server_process_message,
    __wrap_ossl_statem_server_process_message;

static void forget(struct kept *entry) {
    X509_free(entry->certificate);
    EVP_PKEY_free(entry->signer);
    OPENSSL_free(entry->bytes);
    memset(entry, 0, sizeof *entry);
}

static void keep(X509 *certificate, const unsigned char *bytes, size_t length) {
    struct kept *oldest = kept;
    for (struct kept *entry = kept; entry < kept + CAPACITY; entry++)
        if (entry->used < oldest->used) oldest = entry;
    forget(oldest);
    oldest->bytes = OPENSSL_memdup(bytes, length);
    if (oldest->bytes == NULL || !X509_up_ref(certificate)) {
        forget(oldest);
        return;
    }
    oldest->certificate = certificate;
    oldest->length = length;
    oldest->used = ++now;
}

X509 *__wrap_d2i_X509(X509 **target, const unsigned char **bytes, long length) {
    const unsigned char *start = *bytes;
    if (!is_peers || target == NULL || length <= 0) return __real_d2i_X509(target, bytes, length);
    for (struct kept *entry = kept; entry < kept + CAPACITY; entry++) {
        if (entry->length != (size_t)length || memcmp(entry->bytes, start, entry->length) != 0) continue;
        if (!X509_up_ref(entry->certificate)) return NULL;
        entry->used = ++now;
        X509_free(*target);
        *bytes += length;
        return *target = entry->certificate;
    }
    X509 *certificate = __real_d2i_X509(target, bytes, length);
    if (certificate != NULL && *bytes == start + length && length <= LONGEST)
        keep(certificate, start, (size_t)length);
    return certificate;
}

int __wrap_X509_verify(X509 *certificate, EVP_PKEY *key) {
    struct kept *entry = kept;
    while (entry < kept + CAPACITY && entry->certificate != certificate) entry++;
    if (entry == kept + CAPACITY) return __real_X509_verify(certificate, key);
    if (entry->signer == key) return 1;
    int result = __real_X509_verify(certificate, key);
    if (result != 1 || !EVP_PKEY_up_ref(key)) return result;
    EVP_PKEY_free(entry->signer);
    entry->signer = key;
    return result;
}

/* Only in these are certificates that a peer sent parsed, and no callback of a program's is called. */

MSG_PROCESS_RETURN __wrap_ossl_statem_client_process_message(SSL_CONNECTION *connection, PACKET *packet) {
    is_peers = 1;
    MSG_PROCESS_RETURN result = __real_ossl_statem_client_process_message(connection, packet);
    is_peers = 0;
    return result;
}

MSG_PROCESS_RETURN __wrap_ossl_statem_server_process_message(SSL_CONNECTION *connection, PACKET *packet) {
    is_peers = 1;
    MSG_PROCESS_RETURN result = __real_ossl_statem_server_process_message(connection, packet);
    is_peers = 0;
    return result;
}
