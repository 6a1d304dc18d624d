"""What is in a context's store, and how a folder fills it."""
import ssl

from observe import connected, observe, observing, pki


def new():
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@observing("certificates of the store")
def _():
    context = new()
    context.load_verify_locations(pki["ca"])
    return [context.get_ca_certs(), context.get_ca_certs(True)[0] == ssl.PEM_cert_to_DER_cert(open(pki["ca"]).read())]


@observing("a leaf is no authority")
def _():
    context = new()
    context.load_verify_locations(pki["good.certificate"])
    return [context.cert_store_stats(), context.get_ca_certs()]


@observing("both kinds")
def _():
    context = new()
    context.load_verify_locations(pki["good.chain"])
    context.load_verify_locations(pki["otherCa"])
    return [context.cert_store_stats(), [item["subject"] for item in context.get_ca_certs()]]


@observing("a folder is read when it is needed")
def _():
    context = new()
    context.load_verify_locations(capath=pki["capath"])
    before = context.get_ca_certs()
    with connected("good", context) as tls:
        version = tls.version()
    return [before, version, len(context.get_ca_certs())]


observe("the folder has not what is needed", lambda: use_capath("unknown-ca"))


def use_capath(peer):
    context = new()
    context.load_verify_locations(capath=pki["capath"])
    with connected(peer, context):
        pass


observe("the folder, with another leaf", lambda: use_capath("unknown-ca"))
observe("an empty store", lambda: [new().get_ca_certs(), new().get_ca_certs(binary_form=True)])
observe("default paths", lambda: new().set_default_verify_paths())
observe("names of the environment", lambda: [ssl.get_default_verify_paths().openssl_cafile_env, ssl.get_default_verify_paths().openssl_capath_env])
