"""Threads in Python: start, join, argument, answer, and the loop's variable. --quick: a smaller circle."""
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from math import isqrt

THREADS, ROWS = 4, 200 if "--quick" in sys.argv[1:] else 1500
LIMIT = ROWS * ROWS + ROWS // 3


def count(first, last):
    return sum(x * x + y * y <= LIMIT for x in range(first + 1, last + 1) for y in range(ROWS + 1))


def part(w):
    return ROWS * w // THREADS, ROWS * (w + 1) // THREADS


#> ways
def threads():
    answers = [0] * THREADS

    def work(w):  # a thread's return value is thrown away: it leaves its answer in a list
        answers[w] = count(*part(w))
    team = [threading.Thread(target=work, args=(w,)) for w in range(THREADS)]
    for thread in team:
        thread.start()  # does not wait
    for thread in team:
        thread.join()
    return sum(answers)


def futures():
    with ThreadPoolExecutor(THREADS) as pool:
        waiting = [pool.submit(count, *part(w)) for w in range(THREADS)]
        return sum(future.result() for future in waiting)  # the answer, or the error
#< ways


#> loop-variable
def loop_variable():
    answers, started, team = [0] * THREADS, threading.Event(), []

    def late(function):
        started.wait()  # any thread may begin late
        function()
    for w in range(THREADS):
        def work():
            answers[w] = count(*part(w))  # w: whatever it is by then
        team.append(threading.Thread(target=late, args=(work,)))
        team[-1].start()
    started.set()
    for thread in team:
        thread.join()
    return sum(answers)
#< loop-variable


def starts(n=1000):
    begin = time.perf_counter()
    for _ in range(n):
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
    return (time.perf_counter() - begin) / n


def show(name, way, must_be_right=True):
    begin = time.perf_counter()
    right = way() == EXPECTED
    print(f"{name:16} {time.perf_counter() - begin:7.3f} s  {'right' if right else 'WRONG'}")
    return right == must_be_right


EXPECTED = sum(isqrt(LIMIT - x * x) + 1 for x in range(1, ROWS + 1))
good = [show("called", lambda: count(0, ROWS)), show("threads", threads), show("futures", futures),
        show("loop variable", loop_variable, must_be_right=False)]
print(f"one start and join: {1e6 * starts():.0f} us")
sys.exit(0 if all(good) else 1)
