/*
 * The BIO that a socket's connection reads from: OpenSSL asks JavaScript for the bytes it wants, and they go from the received
 * chunk straight into the buffer of its record layer. What nobody has asked for stays where it was received, as bytes
 * stay in the kernel under BIO_s_socket (crypto/bio/bss_sock.c), whose answers this follows.
 */
#include <openssl/bio.h>
#include "glue.h"
#include "imports.h"

static int source_read(BIO *bio, char *buffer, int length) {
    BIO_clear_retry_flags(bio);
    int count = js_receive((int32_t)(intptr_t)BIO_get_data(bio), buffer, length);
    if (count < 0) BIO_set_retry_read(bio);
    if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return count;
}

static long source_ctrl(BIO *bio, int command, long number, void *pointer) {
    (void)number, (void)pointer;
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return command == BIO_CTRL_DUP || command == BIO_CTRL_FLUSH;
}

static int source_create(BIO *bio) {
    BIO_set_init(bio, 1);
    return 1;
}

/* One for all, never freed: as OpenSSL's own methods. */
static BIO_METHOD *source_method(void) {
    static BIO_METHOD *method;
    if (method != NULL) return method;
    method = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "pyodide-ssl's stream");
    if (method == NULL) return NULL;
    BIO_meth_set_read(method, source_read);
    BIO_meth_set_ctrl(method, source_ctrl);
    BIO_meth_set_create(method, source_create);
    return method;
}

BIO *glue_BIO_new_source(int32_t id) {
    const BIO_METHOD *method = source_method();
    BIO *bio = method == NULL ? NULL : BIO_new(method);
    if (bio != NULL) BIO_set_data(bio, (void *)(intptr_t)id);
    return bio;
}
