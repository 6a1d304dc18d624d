"""Objects of `_ssl.Certificate`."""
import copy
import pickle
import ssl

import _ssl
from memory_pair import Pair
from observe import observe, observing, pki

pair = Pair().handshake()
leaf, intermediate = pair.client._sslobj.get_unverified_chain()[:2]
verified = pair.client._sslobj.get_verified_chain()

observe("their number", lambda: [len(pair.client._sslobj.get_unverified_chain()), len(verified)])
observe("text", lambda: [repr(certificate) for certificate in verified])
observe("PEM", lambda: leaf.public_bytes())
observe("PEM by its number", lambda: leaf.public_bytes(_ssl.ENCODING_PEM) == leaf.public_bytes())
observe("PEM by name", lambda: leaf.public_bytes(format=_ssl.ENCODING_PEM) == leaf.public_bytes())
observe("DER", lambda: leaf.public_bytes(_ssl.ENCODING_DER))
observe("DER is PEM's", lambda: ssl.PEM_cert_to_DER_cert(leaf.public_bytes()) == leaf.public_bytes(_ssl.ENCODING_DER))
observe("DER is the peer's", lambda: pair.client.getpeercert(True) == leaf.public_bytes(_ssl.ENCODING_DER))
observe("an encoding that there is not", lambda: leaf.public_bytes(99))
observe("an encoding that is no number", lambda: leaf.public_bytes("pem"))
observe("an encoding too large", lambda: leaf.public_bytes(1 << 40))
observe("information", lambda: leaf.get_info())
observe("information of all", lambda: [certificate.get_info()["serialNumber"] for certificate in verified])
observe("equal to itself", lambda: [leaf == leaf, leaf != leaf, leaf == verified[0], leaf != verified[0]])
observe("equal to another", lambda: [leaf == intermediate, leaf != intermediate])
observe("equal to something else", lambda: [leaf == 1, leaf != 1, leaf == None, leaf == leaf.public_bytes()])  # noqa: E711
observe("hashes", lambda: [hash(leaf) == hash(verified[0]), hash(leaf) == hash(intermediate), len({leaf, verified[0], intermediate})])
observe("ordered", lambda: leaf < intermediate)
observe("ordered with something else", lambda: leaf >= 1)
observe("a new attribute", lambda: setattr(leaf, "x", 1))
observe("an unknown attribute", lambda: leaf.x)
observe("a weak reference", lambda: __import__("weakref").ref(leaf))
observe("copied", lambda: copy.copy(leaf))
observe("pickled", lambda: pickle.dumps(leaf))
observe("what ssl.py makes of chains", lambda: [pair.client.get_verified_chain()[0] == leaf.public_bytes(_ssl.ENCODING_DER), len(pair.client.get_unverified_chain()), pair.server.get_unverified_chain(), pair.server.get_verified_chain()])


@observing("before the handshake")
def _():
    fresh = Pair().client
    return [fresh.get_verified_chain(), fresh.get_unverified_chain(), fresh._sslobj.get_verified_chain()]


@observing("it outlives the connection")
def _():
    other = Pair().handshake()
    certificate = other.client._sslobj.get_verified_chain()[-1]
    del other
    return certificate.get_info()["subject"]


observe("the root is the file's", lambda: ssl.PEM_cert_to_DER_cert(open(pki["ca"]).read()) == verified[-1].public_bytes(_ssl.ENCODING_DER))
