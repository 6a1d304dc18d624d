"""Locks, conditions, semaphores, events, barriers: by one thread and between several."""
import threading
import time

from ends import raised
from observe import observe, observing


def together(*targets):
    threads = [threading.Thread(target=target) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


for name in ("Lock", "RLock"):
    make = getattr(threading, name)

    @observing(f"{name}: by one thread")
    def _():
        lock = make()
        seen = [lock.acquire(), "locked" in repr(lock), lock.acquire(False) if name == "RLock" else lock.acquire(blocking=False), lock.release()]
        if name == "RLock":
            seen.append(lock.release())
        with lock as entered:
            seen.append(entered)
        return [*seen, "unlocked" in repr(lock), raised(lock.release), lock.locked()]

    @observing(f"{name}: arguments")
    def _():
        lock = make()
        return [raised(lock.acquire, True, -2), raised(lock.acquire, False, 1), raised(lock.acquire, True, 1e30), raised(lock.acquire, "x", 0.01), raised(lock.acquire, True, "x")]

    @observing(f"{name}: a wait that ends by time, and one that does not")
    def _():
        lock, seen, held = make(), [], threading.Event()

        def hold():
            with lock:
                held.set()
                time.sleep(0.05)

        def wait():
            held.wait()
            seen.append(lock.acquire(timeout=0.001))
            seen.append(lock.acquire(timeout=20))
            lock.release()

        together(hold, wait)
        return seen

    @observing(f"{name}: released by another thread")
    def _():
        lock, seen = make(), []
        lock.acquire()
        together(lambda: seen.append(raised(lock.release)))
        return [seen, raised(lock.acquire, False)]


@observing("Condition: a queue by hand")
def _():
    condition, items, seen = threading.Condition(), [], []

    def consume():
        with condition:
            while len(seen) < 3:
                while not items:
                    condition.wait()
                seen.append(items.pop(0))

    def produce():
        for item in range(3):
            with condition:
                items.append(item)
                condition.notify()
            time.sleep(0.001)

    together(consume, produce)
    return seen


@observing("Condition: wait_for, time, notify_all, and without the lock")
def _():
    condition, ready, seen = threading.Condition(), [], []

    def wait():
        with condition:
            seen.append(condition.wait_for(lambda: ready, timeout=20))

    def tell():
        time.sleep(0.01)
        with condition:
            ready.append(1)
            condition.notify_all()

    together(wait, wait, tell)
    with condition:
        seen += [condition.wait(0.001), condition.wait_for(lambda: False, 0.001)]
    return [*seen, raised(condition.wait), raised(condition.notify)]


@observing("Semaphore")
def _():
    semaphore = threading.Semaphore(2)
    seen = [semaphore.acquire(), semaphore.acquire(), semaphore.acquire(blocking=False), semaphore.acquire(timeout=0.001), semaphore.release(2)]
    bounded = threading.BoundedSemaphore(1)
    return [*seen, semaphore.acquire(), raised(bounded.release), raised(threading.Semaphore, -1), raised(semaphore.acquire, False, 1), raised(semaphore.release, 0)]


@observing("Event")
def _():
    event, seen = threading.Event(), []
    seen += [event.is_set(), event.wait(0.001), event.wait(0)]
    together(lambda: seen.append(event.wait(20)), lambda: event.set())
    seen += [event.is_set(), event.wait(), event.clear(), event.is_set()]
    return seen


@observing("Barrier")
def _():
    actions, places = [], []
    barrier = threading.Barrier(3, lambda: actions.append("action"))
    together(*[lambda: places.append(barrier.wait())] * 3)
    return [sorted(places), actions, barrier.n_waiting, barrier.parties, barrier.broken]


@observing("Barrier: broken by time, by abort, and mended")
def _():
    barrier, seen = threading.Barrier(2), []
    seen += [raised(lambda: barrier.wait(0.001))[:22], barrier.broken, raised(barrier.wait)[:22]]
    barrier.reset()
    seen.append(barrier.broken)
    together(lambda: seen.append(raised(barrier.wait)[:22]), lambda: (time.sleep(0.01), barrier.abort()))
    barrier.reset()
    places = []
    together(*[lambda: places.append(barrier.wait(20))] * 2)
    return [*seen, sorted(places)]


@observing("Barrier: an action that fails")
def _():
    barrier, seen = threading.Barrier(1, lambda: 1 / 0), []
    return [raised(barrier.wait), barrier.broken]


@observing("a deadlock with a way out")
def _():
    first, second, seen = threading.Lock(), threading.Lock(), []
    both = threading.Barrier(2)

    def take(one, other):
        with one:
            both.wait()
            if other.acquire(timeout=0.01):
                other.release()
            else:
                seen.append("gave up")
            both.wait()

    together(lambda: take(first, second), lambda: take(second, first))
    return seen
