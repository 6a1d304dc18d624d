"""urllib3 by itself."""
import urllib3

from observe import observe, observing, peers, pki


@observing("a pool")
def _():
    with urllib3.HTTPSConnectionPool("localhost", peers["good"], ca_certs=pki["ca"], timeout=20) as pool:
        seen = [pool.request("GET", f"/echo?{number}").json()["path"] for number in range(3)]
        return [seen, pool.num_connections, pool.num_requests]


@observing("a manager")
def _():
    with urllib3.PoolManager(ca_certs=pki["ca"], timeout=20) as manager:
        answer = manager.request("GET", f"https://localhost:{peers['good']}/")
        return [answer.status, answer.data, answer.version, answer.version_string]


@observing("a fingerprint that fits")
def _():
    import hashlib
    import ssl

    der = ssl.PEM_cert_to_DER_cert(open(pki["good.certificate"]).read())
    with urllib3.HTTPSConnectionPool("localhost", peers["good"], assert_fingerprint=hashlib.sha256(der).hexdigest(), timeout=20) as pool:
        return pool.request("GET", "/").status


@observing("a fingerprint that does not")
def _():
    with urllib3.HTTPSConnectionPool("localhost", peers["good"], assert_fingerprint="0" * 64, timeout=20, retries=False) as pool:
        try:
            pool.request("GET", "/")
        except urllib3.exceptions.SSLError as error:
            return [type(error.args[0]).__name__ if isinstance(error.args[0], Exception) else "text"]


@observing("is the one with sockets")
def _():
    return [urllib3.connectionpool.HTTPSConnection.__module__, urllib3.HTTPSConnectionPool.ConnectionCls.__module__]
