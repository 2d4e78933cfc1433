"""Tasks that compute and tasks that wait, by turns and at once, in Python. --quick: shorter tasks."""
import asyncio
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

TASKS = 4
STEPS, WAIT = (100_000, 0.02) if "--quick" in sys.argv[1:] else (2_000_000, 0.2)
A, C, MASK = 6364136223846793005, 1442695040888963407, 2**64 - 1


#> tasks
def compute(start):
    x = start
    for _ in range(STEPS):  # needs a core all the time
        x = (A * x + C) & MASK
    return x


def wait(start):
    time.sleep(WAIT)  # needs no core: an answer from outside would take as long
    return start


async def wait_async(start):
    await asyncio.sleep(WAIT)  # "go on with others, and come back to me"
    return start
#< tasks


#> ways
def in_turn(task):
    return [task(start) for start in range(TASKS)]


def threads(task):
    with ThreadPoolExecutor(TASKS) as pool:
        return list(pool.map(task, range(TASKS)))


def processes(task):
    with ProcessPoolExecutor(TASKS) as pool:
        return list(pool.map(task, range(TASKS)))


def event_loop(task):  # one thread, many waits
    async def all_of_them():
        return await asyncio.gather(*map(task, range(TASKS)))
    return asyncio.run(all_of_them())
#< ways


def show(name, way, task, expected):
    begin = time.perf_counter()
    good = way(task) == expected
    print(f"{name:28} {time.perf_counter() - begin:7.3f} s  {'right' if good else 'WRONG'}")
    return good


def main():
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    print(f"Python {sys.version.split()[0]}, GIL {'on' if gil else 'off'}, {os.cpu_count()} cores, {TASKS} tasks")
    a, c = pow(A, STEPS, 2**64), (pow(A, STEPS, (A - 1) << 64) - 1) // (A - 1)  # all steps at once
    computed = [(a * start + C * c) & MASK for start in range(TASKS)]
    waited = list(range(TASKS))
    return all([show("compute, one after another", in_turn, compute, computed),
                show("compute, threads", threads, compute, computed),
                show("compute, processes", processes, compute, computed),
                show("wait, one after another", in_turn, wait, waited),
                show("wait, threads", threads, wait, waited),
                show("wait, asyncio", event_loop, wait_async, waited)])


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
