"""`threading.Thread`: start, join, names, identity, daemons, what is raised, and what ends with what."""
import _thread
import sys
import threading
import time

from ends import raised
from observe import observe, observing


@observing("a thread runs its target")
def _():
    seen = []
    thread = threading.Thread(target=lambda *parameters, **keywords: seen.append([parameters, keywords]), args=(1, 2), kwargs={"a": 3})
    before = [thread.is_alive(), thread.ident, thread.daemon, thread.name.startswith("Thread-")]
    thread.start()
    thread.join()
    return [before, seen, thread.is_alive(), isinstance(thread.ident, int), raised(thread.start), raised(thread.run)]


@observing("threads take turns where they wait")
def _():
    seen, turn = [], [threading.Semaphore(1), threading.Semaphore(0)]

    def play(number):
        for round in range(3):
            turn[number].acquire()
            seen.append([number, round])
            turn[1 - number].release()

    threads = [threading.Thread(target=play, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


@observing("time.sleep lets others run")
def _():
    seen = []

    def slow():
        seen.append("slow begins")
        time.sleep(0.5)
        seen.append("slow ends")

    thread = threading.Thread(target=slow)
    thread.start()
    time.sleep(0.01)
    seen.append("main")
    thread.join()
    return seen


@observing("who am I")
def _():
    seen = {}

    def look():
        me = threading.current_thread()
        seen.update(name=me.name, same=me is thread, ident=me.ident == threading.get_ident(), native=isinstance(threading.get_native_id(), int), main=me is threading.main_thread())

    thread = threading.Thread(target=look, name="my name")
    thread.start()
    thread.join()
    me = threading.current_thread()
    return [seen, me is threading.main_thread(), me.name, threading.active_count(), [each.name for each in threading.enumerate()], thread.ident != me.ident]


@observing("join")
def _():
    release = threading.Event()
    thread = threading.Thread(target=release.wait)
    seen = [raised(thread.join)]
    thread.start()
    seen += [thread.join(0), thread.is_alive(), thread.join(0.01), thread.is_alive(), thread.join(-1), raised(thread.join, "x")[:9]]
    release.set()
    return [*seen, thread.join(), thread.join(), thread.is_alive(), raised(threading.current_thread().join)]


@observing("daemons")
def _():
    thread = threading.Thread(target=lambda: None, daemon=True)
    seen = [thread.daemon, "daemon" in repr(thread)]
    thread.start()
    thread.join()
    seen.append(raised(setattr, thread, "daemon", False))
    inherited = []
    threading.Thread(target=lambda: inherited.append(threading.Thread().daemon), daemon=True).start()
    while not inherited:
        time.sleep(0.001)
    return [*seen, inherited, threading.current_thread().daemon]


@observing("what a thread raises goes to threading.excepthook")
def _():
    seen = []
    hook, threading.excepthook = threading.excepthook, lambda arguments: seen.append([arguments.exc_type.__name__, str(arguments.exc_value), arguments.thread.name, arguments.exc_traceback is not None])
    try:
        for error in (ValueError("one"), SystemExit(3), KeyError("two")):

            def fail():
                raise error

            thread = threading.Thread(target=fail, name="failing")
            thread.start()
            thread.join()
    finally:
        threading.excepthook = hook
    return [seen, threading.excepthook is threading.__excepthook__]


@observing("thread locals")
def _():
    local, before, after = threading.local(), [], []
    local.value = "main"

    def look(value):
        before.append(hasattr(local, "value"))
        local.value = value
        time.sleep(0.01)
        after.append(local.value == value)

    threads = [threading.Thread(target=look, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [before, after, local.value]


@observing("a local with a class")
def _():
    class Counted(threading.local):
        made = 0

        def __init__(self, start):
            Counted.made += 1
            self.count = start

    counted, seen = Counted(5), []
    thread = threading.Thread(target=lambda: seen.append([counted.count, vars(counted)]))
    thread.start()
    thread.join()
    return [seen, Counted.made]


@observing("a timer")
def _():
    done, seen = threading.Event(), []
    timer = threading.Timer(0.01, lambda *parameters: (seen.append(parameters), done.set()), [1])
    timer.start()
    seen.append(done.wait(20))
    timer.join()
    stopped = threading.Timer(30, seen.append, ["never"])
    stopped.start()
    stopped.cancel()
    stopped.join()
    return seen


@observing("_thread")
def _():
    done = _thread.allocate_lock()
    done.acquire()
    seen = []

    def run(*parameters, **keywords):
        seen.append([parameters, keywords])
        done.release()

    ident = _thread.start_new_thread(run, (1,), {"a": 2})
    done.acquire()
    return [seen, isinstance(ident, int), raised(_thread.start_new_thread, 5, ()), raised(_thread.start_new_thread, run, 5), raised(_thread.start_new_thread, run, (), 5), _thread.stack_size()]


@observing("what a bare thread raises is unraisable")
def _():
    seen = []
    hook, sys.unraisablehook = sys.unraisablehook, lambda arguments: seen.append([arguments.exc_type.__name__, str(arguments.exc_value), (arguments.err_msg or "").split(" <")[0]])
    try:

        def fail():
            raise ValueError("bare")

        handle = _thread.start_joinable_thread(fail)
        handle.join()
    finally:
        sys.unraisablehook = hook
    return [seen, handle.is_done()]


@observing("a context of its own")
def _():
    import contextvars

    variable, seen = contextvars.ContextVar("variable", default="none"), []
    variable.set("main")
    for parameters in ({}, {"context": contextvars.copy_context()}):
        thread = threading.Thread(target=lambda: seen.append(variable.get()), **parameters)
        thread.start()
        thread.join()
    return seen


@observing("many threads")
def _():
    total, lock = [0], threading.Lock()

    def add():
        for _ in range(10):
            with lock:
                before = total[0]
                time.sleep(0)
                total[0] = before + 1

    threads = [threading.Thread(target=add) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return total
