"""A test module that does everything a runner must survive. ``module-run.test.ts`` runs it as ``test.test_broken``."""

import ctypes
import time
import unittest


class Plain(unittest.TestCase):
    def test_a_pass(self):
        print("a line of output, without an end", end="")

    def test_b_failure(self):
        print("said before failing")
        self.assertEqual(1, 2)

    def test_c_error(self):
        raise OSError("no such luck")

    def test_d_skip(self):
        self.skipTest("not today")

    def test_e_one_subtest_fails(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(number, 1)

    @unittest.expectedFailure
    def test_f_expected_failure(self):
        self.fail("as expected")

    @unittest.expectedFailure
    def test_g_unexpected_success(self):
        pass


class Hanging(unittest.TestCase):
    def test_a_waits_for_ever(self):
        time.sleep(1e6)

    def test_b_computes_for_ever(self):
        while True:
            pass

    def test_c_after_them(self):
        pass


class Breaking(unittest.TestCase):
    def test_a_breaks_the_interpreter(self):
        ctypes.string_at(0xFFFF_FFF0, 8)  # beyond the end of the memory: a trap

    def test_b_after_it(self):
        pass


class BadSetUp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise RuntimeError("the class has no ground to stand on")

    def test_a(self):
        pass


class SkippedSetUp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise unittest.SkipTest("nothing here")

    def test_a(self):
        pass


class BadTearDown(unittest.TestCase):
    @classmethod
    def tearDownClass(cls):
        raise RuntimeError("left in a mess")

    def test_a(self):
        pass
