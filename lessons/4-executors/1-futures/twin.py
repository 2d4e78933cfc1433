"""Futures over threads in Python's concurrent.futures. --quick: shorter tasks."""
import sys
import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from concurrent.futures import TimeoutError as NotYet  # the built-in TimeoutError from 3.11 on

UNIT = 0.01 if "--quick" in sys.argv[1:] else 0.04  # seconds


#> task
def wait_for(name, units):
    if units < 0:
        raise ValueError("no such length")
    time.sleep(units * UNIT)  # an answer from outside
    return name
#< task
#> futures
def order(pool):
    tasks = [("A", 8), ("B", 1), ("C", 3), ("D", 1)]
    futures = [pool.submit(wait_for, *t) for t in tasks]
    return "".join(f.result() for f in as_completed(futures))


def fails(pool):
    future = pool.submit(wait_for, "B", -1)
    try:
        return future.result()  # the error appears here
    except ValueError as error:
        return f"ValueError: {error}"
#< futures
def limit(pool):
    go = threading.Event()
    future = pool.submit(go.wait)
    try:
        return future.result(timeout=UNIT)
    except NotYet:  # the task goes on
        go.set()
        return f"not yet, later {future.result()}"


#> cancel
def cancel(pool):
    go = threading.Event()
    team = [pool.submit(go.wait) for _ in range(2)]  # both workers are busy
    while not all(f.running() for f in team):
        time.sleep(0.001)
    queued = pool.submit(wait_for, "C", 1)
    said = [team[0].cancel(), queued.cancel()]  # running: False, queued: True
    go.set()
    try:
        queued.result()
    except CancelledError:
        said.append("CancelledError")
    return str(said)
#< cancel
#> inside
def inside():
    with ThreadPoolExecutor(1) as pool:
        def outer():
            inner = pool.submit(wait_for, "I", 0)
            try:
                return inner.result(timeout=2 * UNIT)  # without the limit: for ever
            except NotYet:
                return "deadlock: the only worker waits for itself"
        return pool.submit(outer).result()
#< inside


good = True
with ThreadPoolExecutor(2) as two:
    for name, got, wanted in (("order", order(two), "BCDA"), ("error", fails(two), "ValueError: no such length"),
                              ("limit", limit(two), "not yet, later True"), ("cancel", cancel(two), "[False, True, 'CancelledError']"),
                              ("inside", inside(), "deadlock: the only worker waits for itself")):
        print(f"{name:8} {got}")
        good = good and (got == wanted or name == "order")  # the order is the machine's, when it is busy
sys.exit(0 if good else 1)
