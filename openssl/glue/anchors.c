/*
 * Trust anchors that are parsed when a chain needs them. A store asks its lookups for a certificate that it does not have, as for
 * those of a directory (crypto/x509/by_dir.c, which this follows); this one lets JavaScript add what it holds under the subject.
 */
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include "glue.h"
#include "imports.h"

static int32_t number_of(X509_LOOKUP *lookup) {
    return (int32_t)(intptr_t)X509_LOOKUP_get_method_data(lookup);
}

static int find_anchor(X509_LOOKUP *lookup, X509_LOOKUP_TYPE type, const X509_NAME *name, X509_OBJECT *found) {
    if (type != X509_LU_X509) return 0;
    if (!js_add_anchors(number_of(lookup), (uint32_t)X509_NAME_hash_ex(name, NULL, NULL, NULL))) return 0;
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(X509_LOOKUP_get_store(lookup));
    sk_X509_OBJECT_sort(objects);
    X509 *anchor = X509_OBJECT_get0_X509(X509_OBJECT_retrieve_by_subject(objects, type, name));
    if (anchor == NULL || !X509_OBJECT_set1_X509(found, anchor)) return 0;
    /* What a lookup finds is the store's: the caller takes a reference of its own. */
    X509_free(anchor);
    return 1;
}

static void drop_anchors(X509_LOOKUP *lookup) {
    js_drop_anchors(number_of(lookup));
}

/* One for all, never freed: as OpenSSL's own methods. */
static X509_LOOKUP_METHOD *anchors_method(void) {
    static X509_LOOKUP_METHOD *method;
    if (method != NULL) return method;
    method = X509_LOOKUP_meth_new("pyodide-ssl's trust anchors");
    if (method == NULL) return NULL;
    X509_LOOKUP_meth_set_get_by_subject(method, find_anchor);
    X509_LOOKUP_meth_set_free(method, drop_anchors);
    return method;
}

int glue_X509_STORE_add_anchors(X509_STORE *store, int32_t id) {
    X509_LOOKUP_METHOD *method = anchors_method();
    X509_LOOKUP *lookup = method == NULL ? NULL : X509_STORE_add_lookup(store, method);
    return lookup != NULL && X509_LOOKUP_set_method_data(lookup, (void *)(intptr_t)id);
}
