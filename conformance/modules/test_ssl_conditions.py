"""The tests of ``test_ssl`` that its own conditions leave out with OpenSSL 3, with those conditions lifted.

``has_tls_version()`` says no to TLS 1.0 and 1.1 for every OpenSSL since 3.0.0, and where CPython's own default ciphers bring TLS
1.2 as the minimum; ``test_dh_params`` looks for names of ciphers that OpenSSL 3 writes otherwise. Both are there because the
tests would fail at a security level above 0. So that level is what the contexts get here. The tests themselves are CPython's.
"""

import unittest
from unittest import mock

from test import test_ssl
from test.support import threading_helper


def _has_tls_version(version):
    return "SSLv3" not in str(version)


def _lower(*contexts):
    for context in contexts:
        context.set_ciphers("@SECLEVEL=0:ALL")


def _testing_context(*args, make=test_ssl.testing_context, **kwargs):
    client, server, hostname = make(*args, **kwargs)
    _lower(client, server)
    return client, server, hostname


def setUpModule():
    lifted = mock.patch.multiple(
        test_ssl, has_tls_version=_has_tls_version, seclevel_workaround=_lower, testing_context=_testing_context
    )
    lifted.start()
    unittest.addModuleCleanup(lifted.stop)
    unittest.addModuleCleanup(threading_helper.threading_cleanup, *threading_helper.threading_setup())


class LiftedConditions(unittest.TestCase):
    test_dh_params = test_ssl.ThreadedTests.test_dh_params
    test_min_max_version_mismatch = test_ssl.ThreadedTests.test_min_max_version_mismatch
    test_min_max_version_tlsv1_1 = test_ssl.ThreadedTests.test_min_max_version_tlsv1_1
    test_min_max_version_tlsv1_2 = test_ssl.ThreadedTests.test_min_max_version_tlsv1_2
    test_protocol_tlsv1 = test_ssl.ThreadedTests.test_protocol_tlsv1
    test_protocol_tlsv1_1 = test_ssl.ThreadedTests.test_protocol_tlsv1_1
