"""A pool of threads and a pool of processes in Python, and a crash in one. --quick: fewer tasks."""
import os
import resource
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

EMPTY, STEPS = (300, 30_000) if "--quick" in sys.argv[1:] else (5_000, 1_000_000)
A, C, MASK = 6364136223846793005, 1442695040888963407, 2**64 - 1


def add_one(x):
    return x + 1


def chain(x):
    for _ in range(STEPS):
        x = (A * x + C) & MASK
    return x


#> pools
def timed(make_pool, task, tasks):
    with make_pool(2) as pool:
        pool.submit(add_one, 0).result()  # the workers start with the first task
        begin = time.perf_counter()
        futures = [pool.submit(task, x) for x in range(tasks)]
        results = [f.result() for f in futures]
        return time.perf_counter() - begin, results
#< pools


#> crash
def square(x):
    if x == 2:
        os.kill(os.getpid(), signal.SIGSEGV)  # as a faulty library would
    time.sleep(0.1)
    return x * x


def crash():
    came, broken = 0, 0
    with ProcessPoolExecutor(2) as pool:
        for future in [pool.submit(square, x) for x in range(8)]:
            try:
                future.result()
                came += 1
            except BrokenProcessPool:  # not only for the task that crashed
                broken += 1
    return came, broken
#< crash


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    print(f"Python {sys.version.split()[0]}, GIL {'on' if gil else 'off'}")
    good = True
    for name, make_pool in (("threads", ThreadPoolExecutor), ("processes", ProcessPoolExecutor)):
        seconds, results = timed(make_pool, add_one, EMPTY)
        good = good and results == list(range(1, EMPTY + 1))
        print(f"{name:10} {EMPTY / seconds:9.0f} empty tasks a second")
        seconds, results = timed(make_pool, chain, 8)
        good = good and results == list(map(chain, range(8)))
        print(f"{name:10} {seconds:9.3f} s for 8 tasks that compute")
    came, broken = crash()
    print(f"one task of 8 crashes: {came} results came, {broken} futures got BrokenProcessPool")
    return good and came + broken == 8 and broken > 0


if __name__ == "__main__":  # a worker may import this file again
    sys.exit(0 if main() else 1)
