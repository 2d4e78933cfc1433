"""At most three at once: a semaphore in Python's threading, and the slot that is never given back. --quick: fewer visits."""
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

THREADS, SLOTS, WAIT = 8, 3, 0.005
VISITS = 24 if "--quick" in sys.argv[1:] else 240
counting, inside, peak = threading.Lock(), 0, 0


def use(visit):
    global inside, peak
    with counting:
        inside += 1
        peak = max(peak, inside)
    time.sleep(WAIT)  # the service answers
    with counting:
        inside -= 1
    if visit % 4 == 3:
        raise OSError("the service hung up")


#> visits
def with_semaphore(free, visit):
    with free:  # gives back on every way out, also when use() raises
        use(visit)


def no_release(free, visit):
    if not free.acquire(timeout=10 * WAIT):
        raise TimeoutError("no slot was ever free")
    use(visit)      # raises …
    free.release()  # … and this line is not reached
#< visits


def unlimited(free, visit):
    use(visit)


def run(way, must_be_right):
    global peak
    peak, free = 0, threading.BoundedSemaphore(SLOTS)
    begin = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        errors = [future.exception() for future in [pool.submit(way, free, visit) for visit in range(VISITS)]]
    seconds, left = time.perf_counter() - begin, 0
    while free.acquire(blocking=False):
        left += 1
    shut_out = sum(isinstance(error, TimeoutError) for error in errors)
    print(f"{way.__name__:15} {seconds:6.3f} s  at most {peak} at once, {left} of {SLOTS} slots left, {shut_out} shut out")
    return (peak <= SLOTS and left == SLOTS and not shut_out) == must_be_right


good = [run(with_semaphore, True), run(unlimited, False), run(no_release, False)]
sys.exit(0 if all(good) else 1)
