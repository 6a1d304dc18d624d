"""Runs CPython's own tests inside Pyodide, one module a call; ``conformance/module-run.ts`` is the only user.

What happens leaves ``sys.__stdout__`` as events: a record separator, then a line of JSON. All else on the streams is the
tests' own output.
"""

import fnmatch
import importlib
import json
import os
import random
import sys
import tempfile
import threading
import time
import traceback
import unittest

MARK = "\x1e"


def _emit(event, **data):
    sys.__stdout__.write(f"{MARK}{json.dumps({'event': event, **data})}\n")
    sys.__stdout__.flush()


def set_up(resources=(), verbose=False):
    """Everything that is done around the tests. The list is in conformance/README.md; nothing else may be."""
    from test import support
    from test.support import threading_helper

    # test.support asks the platform's name, and Pyodide by itself has neither. Here both are there.
    support.has_socket_support = True
    threading_helper.can_start_thread = True
    # As `python -m test -u walltime`: tests may take their time; the network and all else is off, but for
    # what the module's expectation file gives it.
    support.use_resources = dict.fromkeys(("walltime", *resources))
    support.verbose = int(verbose)
    support.record_original_stdout(sys.stdout)
    random.seed(0)
    # Tests write into the current folder.
    os.chdir(tempfile.mkdtemp(prefix="conformance-"))


def _flatten(suite):
    for test in suite:
        if isinstance(test, unittest.BaseTestSuite):
            yield from _flatten(test)
        else:
            yield test


def _select(suite, wanted):
    """*suite* without the tests whose id is not in *wanted*, in place: order and fixtures stay the loader's."""
    suite._tests = [
        _select(test, wanted) if isinstance(test, unittest.BaseTestSuite) else test
        for test in suite
        if isinstance(test, unittest.BaseTestSuite) or test.id() in wanted
    ]
    return suite


def _stacks_of_other_threads():
    """Where the other threads are, as far as this interpreter can say."""
    frames = sys._current_frames()
    parts = []
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            frame = frames.get(thread.ident)
            stack = "".join(traceback.format_stack(frame)) if frame is not None else "  (suspended)\n"
            parts.append(f"{thread!r}:\n{stack}")
    return "".join(parts)


class _Result(unittest.TestResult):
    """Tells of each test when it begins and ends. The worst that is said of a test, by itself or a subtest, is its outcome."""

    _WORSE = ("pass", "skip", "fail", "error")

    def __init__(self):
        super().__init__()
        self.finished = set()
        self.fixtures = {}
        self._outcome = None
        self._details = []

    def startTest(self, test):
        super().startTest(test)
        self._outcome = None
        self._details = []
        self._started = time.perf_counter()
        _emit("start", id=test.id())

    def stopTest(self, test):
        super().stopTest(test)
        if self._outcome is None:
            # Not an outcome that unittest catches: an interrupt on its way out.
            exc = sys.exception()
            text = "".join(traceback.format_exception(exc)) if exc is not None else "the test ended without an outcome\n"
            self._note("error", text + _stacks_of_other_threads())
        seconds = time.perf_counter() - self._started
        self.finished.add(test.id())
        _emit("stop", id=test.id(), outcome=self._outcome, details="\n".join(self._details), seconds=seconds)

    def _note(self, outcome, details=""):
        if self._outcome is None or self._WORSE.index(outcome) > self._WORSE.index(self._outcome):
            self._outcome = outcome
        if details:
            self._details.append(details)

    def _note_error(self, outcome, test, err):
        text = self._exc_info_to_string(err, test)
        if isinstance(test, unittest.TestCase):
            self._note(outcome, text)
        else:
            self._note_fixture(test, "error", text)

    def _note_fixture(self, holder, outcome, details):
        """Of ``setUpClass (test.test_x.Class)`` and its kind, which are no tests."""
        self.fixtures[holder.id()] = (outcome, details)

    def addSuccess(self, test):
        self._note("pass")

    def addError(self, test, err):
        self._note_error("error", test, err)

    def addFailure(self, test, err):
        self._note_error("fail", test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            kind = "fail" if issubclass(err[0], test.failureException) else "error"
            self._note(kind, f"{subtest._subDescription()}\n{self._exc_info_to_string(err, test)}")

    def addSkip(self, test, reason):
        if hasattr(test, "_testMethodName") or hasattr(test, "test_case"):
            self._note("skip", reason)
        else:
            self._note_fixture(test, "skip", reason)

    def addExpectedFailure(self, test, err):
        self._note("pass")

    def addUnexpectedSuccess(self, test):
        self._note("fail", "the test is marked as an expected failure, and passed")

    def fixture_of(self, test):
        """What a fixture of the test's class or module said, if it kept the test from running."""
        cls = type(test)
        for name in (f"setUpClass ({cls.__module__}.{cls.__qualname__})", f"setUpModule ({cls.__module__})"):
            if name in self.fixtures:
                return self.fixtures[name]
        return None


def run(module, patterns=(), done=(), resources=(), verbose=False):
    """Run the tests of ``test.<module>`` whose id matches one of *patterns* (all without any), but for those in *done*."""
    set_up(resources, verbose)
    try:
        loaded = importlib.import_module(f"test.{module}")
    except unittest.SkipTest as exc:
        _emit("module-skip", reason=str(exc))
        return
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromModule(loaded)
    if loader.errors:
        raise RuntimeError("\n".join(loader.errors))
    known = [test.id() for test in _flatten(suite)]
    chosen = [id for id in known if not patterns or any(fnmatch.fnmatchcase(id, pattern) for pattern in patterns)]
    _emit("tests", known=known, chosen=chosen)
    suite = _select(suite, set(chosen).difference(done))
    chosen = list(_flatten(suite))
    result = _Result()
    try:
        suite.run(result)
    except KeyboardInterrupt:
        _emit("interrupted")
        return
    for test in chosen:
        if test.id() not in result.finished:
            outcome, details = result.fixture_of(test) or ("error", "the test did not run")
            _emit("stop", id=test.id(), outcome=outcome, details=details, seconds=0)
    for name, (outcome, details) in result.fixtures.items():
        if outcome == "error":
            _emit("stop", id=name, outcome=outcome, details=details, seconds=0)
    _emit("end")
