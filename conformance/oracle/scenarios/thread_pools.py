"""`queue` and `concurrent.futures.ThreadPoolExecutor`."""
import concurrent.futures
import queue
import threading
import time

from ends import raised
from observe import observe, observing


for name in ("Queue", "LifoQueue", "PriorityQueue", "SimpleQueue"):

    @observing(f"{name}: by one thread")
    def _():
        items = getattr(queue, name)()
        for item in (2, 3, 1):
            items.put(item)
        return [items.qsize(), items.empty(), [items.get() for _ in range(3)], raised(items.get, False), raised(items.get, True, 0.001), raised(items.get_nowait), items.empty(), raised(items.get, True, -1)]

    @observing(f"{name}: between threads")
    def _():
        items, seen = getattr(queue, name)(), []

        def consume():
            while (item := items.get()) is not None and item != 99:
                seen.append(item)

        thread = threading.Thread(target=consume)
        thread.start()
        for item in (1, 2, 3):
            items.put(item)
            while len(seen) < item:
                time.sleep(0.001)
        items.put(99)
        thread.join()
        return seen


@observing("a full queue")
def _():
    items = queue.Queue(1)
    items.put(1)
    seen = [items.full(), raised(items.put, 2, False), raised(items.put, 2, True, 0.001), raised(items.put_nowait, 2)]
    threading.Thread(target=lambda: (time.sleep(0.01), items.get())).start()
    return [*seen, items.put(2, timeout=20), items.get()]


@observing("task_done and join")
def _():
    items, seen = queue.Queue(), []

    def work():
        for _ in range(3):
            seen.append(items.get())
            items.task_done()

    for item in range(3):
        items.put(item)
    threading.Thread(target=work).start()
    items.join()
    return [seen, raised(items.task_done)]


@observing("shutdown")
def _():
    items = queue.Queue()
    items.put(1)
    items.shutdown()
    return [raised(items.put, 2), items.get(), raised(items.get)]


@observing("a waiting consumer learns of the shutdown")
def _():
    items, seen = queue.Queue(), []
    thread = threading.Thread(target=lambda: seen.append(raised(items.get)))
    thread.start()
    time.sleep(0.005)
    items.shutdown(immediate=True)
    thread.join()
    return seen


@observing("a pool")
def _():
    with concurrent.futures.ThreadPoolExecutor(3, thread_name_prefix="pool") as pool:
        squares = list(pool.map(lambda number: (time.sleep(0.001), number * number)[1], range(10)))
        future = pool.submit(divmod, 17, 5)
        failing = pool.submit(lambda: 1 / 0)
        name = pool.submit(lambda: threading.current_thread().name).result()
        return [squares, future.result(20), future.done(), raised(failing.result), type(failing.exception()).__name__, name.startswith("pool_")]


@observing("results as they come")
def _():
    first = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        late = pool.submit(lambda: first.wait(20) and "late")
        early = pool.submit(lambda: "early")
        seen = []
        for future in concurrent.futures.as_completed([late, early], timeout=20):
            seen.append(future.result())
            first.set()
        return seen


@observing("waiting for the first")
def _():
    release = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        slow, quick = pool.submit(release.wait), pool.submit(int)
        done, rest = concurrent.futures.wait([slow, quick], 20, concurrent.futures.FIRST_COMPLETED)
        seen = [done == {quick}, rest == {slow}, raised(lambda: slow.result(0.001)), slow.running(), slow.cancel()]
        release.set()
        return seen


@observing("what has not begun can be cancelled")
def _():
    release = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(release.wait)
        waiting = pool.submit(int)
        called = []
        waiting.add_done_callback(lambda future: called.append(future.cancelled()))
        seen = [waiting.cancel(), waiting.cancelled(), called, raised(waiting.result)]
        release.set()
        return seen


@observing("after the shutdown")
def _():
    pool = concurrent.futures.ThreadPoolExecutor(1)
    future = pool.submit(int)
    pool.shutdown()
    return [future.result(), raised(pool.submit, int), raised(concurrent.futures.ThreadPoolExecutor, 0)]


@observing("an initializer, and one that fails")
def _():
    seen = []
    with concurrent.futures.ThreadPoolExecutor(1, initializer=seen.append, initargs=("begun",)) as pool:
        pool.submit(int).result()
    return seen


@observing("a future by hand")
def _():
    future = concurrent.futures.Future()
    seen = [future.done(), future.set_running_or_notify_cancel(), future.running()]
    threading.Thread(target=lambda: (time.sleep(0.005), future.set_result("by hand"))).start()
    return [*seen, future.result(20), raised(future.set_result, 1)[:20]]
