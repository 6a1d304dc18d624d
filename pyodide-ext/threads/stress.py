"""Threads that allocate cycles, and are suspended deep in calls through C: what a collector that walks along frames dislikes."""

import gc
import threading
import time

from pyodide_ssl import _collection

STACKS = 24


class Node:
    __slots__ = ("__weakref__", "cycle", "itself", "previous")


def chain(length):
    """A list of nodes that refer to themselves."""
    node = None
    for index in range(length):
        new = Node()
        new.itself, new.previous, new.cycle = new, node, [new, {index: new}]
        node = new
    return node


def suspend_deep(depth):
    """Give control away from a stack on which Python and C alternate."""
    if depth:
        return sorted([2, 1], key=lambda value: (suspend_deep(depth - 1) if value == 1 else 0, value)[1])
    time.sleep(0)


def work(turns, number):
    kept = []
    for turn in range(turns):
        kept.append(chain(300))
        suspend_deep(3 + (turn + number) % 5)
        if len(kept) > 3:
            kept.clear()


def run(turns, seconds, is_guarded):
    """*turns* rounds of 24 threads, or as many as *seconds* allow; answers what was done."""
    if not is_guarded:
        _collection.IS_NEEDED = False
        gc.collect, gc.disable, gc.enable, gc.isenabled = (
            _collection._collect,
            _collection._disable,
            _collection._enable,
            _collection._isenabled,
        )
    began = time.monotonic()
    rounds = largest = 0
    while rounds == 0 or time.monotonic() - began < seconds:
        threads = [threading.Thread(target=work, args=(turns, number)) for number in range(STACKS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rounds += 1
        largest = max(largest, len(gc.get_objects()))
    collections = sum(each["collections"] for each in gc.get_stats())
    return f"{STACKS} stacks, {rounds} rounds of {turns} turns, {collections} collections, at most {largest} objects left"
