"""A shared counter with and without a lock, in Python's threading. --quick: fewer additions."""
import sys
import threading
import time

THREADS, TIMES = 2, 20_000 if "--quick" in sys.argv[1:] else 300_000
counter, lock = 0, threading.Lock()


def plus_one(x):
    return x + 1


#> racy
def racy(times):
    global counter
    for _ in range(times):
        old = counter        # read
        new = plus_one(old)  # add: another thread may run here
        counter = new        # write: its update is lost
#< racy


def lock_per_thread(times):
    global counter
    mine = threading.Lock()  # nobody else ever takes it
    for _ in range(times):
        with mine:
            counter = plus_one(counter)


#> lock-around-print
def lock_around_print(times):
    racy(times)
    with lock:  # a tidy line, a wrong number
        print(f"    a thread ends at {counter}")
#< lock-around-print


#> mutex
def mutex(times):
    global counter
    for _ in range(times):
        with lock:  # everyone takes the same lock
            counter = plus_one(counter)
#< mutex


#> sharded
def sharded(times):
    global counter
    own = 0  # nobody shares it
    for _ in range(times):
        own = plus_one(own)
    with lock:
        counter += own  # once, at the end
#< sharded


def run(way, must_be_right):
    global counter
    counter = 0
    team = [threading.Thread(target=way, args=(TIMES,)) for _ in range(THREADS)]
    begin = time.perf_counter()
    for thread in team:
        thread.start()
    for thread in team:
        thread.join()
    seconds, lost = time.perf_counter() - begin, THREADS * TIMES - counter
    print(f"{way.__name__:18} {seconds:7.3f} s  counted {counter:7}  lost {lost}")
    return lost == 0 or not must_be_right


# Python 3.13 may be built without the global interpreter lock; older ones always have it.
gil = getattr(sys, "_is_gil_enabled", lambda: True)()
print(f"Python {sys.version.split()[0]}, GIL {'on' if gil else 'off'}, {THREADS} threads x {TIMES}")
sys.setswitchinterval(1e-5)  # let threads be switched often, so that luck runs out sooner
good = [run(way, right) for way, right in (
    (racy, False), (lock_per_thread, False), (lock_around_print, False), (mutex, True), (sharded, True))]
sys.exit(0 if all(good) else 1)
