"""A Value that processes share, and a message with its flag, in Python. --quick: fewer additions."""
import multiprocessing
import sys
import threading
import time

WORKERS, TIMES = 2, 3_000 if "--quick" in sys.argv[1:] else 50_000


#> counter
def two_steps(v):
    for _ in range(TIMES):
        v.value += 1  # reads behind the lock, writes behind the lock; others come between


def one_step(v):
    for _ in range(TIMES):
        with v.get_lock():  # the whole update behind the lock
            v.value += 1


def own(v):
    mine = 0  # nobody shares it
    for _ in range(TIMES):
        mine += 1
    with v.get_lock():
        v.value += mine  # once, at the end
#< counter


#> message
def message():
    box, full = [], threading.Event()

    def reader():
        full.wait()  # no loop over a flag: sleeps until it is set
        got.append(sum(box))  # what was written before set() is seen after wait()

    got = []
    thread = threading.Thread(target=reader)
    thread.start()
    box.extend(range(100))
    full.set()
    thread.join()
    return got == [sum(range(100))]
#< message


def count(way, must_be_right):
    v = multiprocessing.Value("q", 0)
    team = [multiprocessing.Process(target=way, args=(v,)) for _ in range(WORKERS)]
    begin = time.perf_counter()
    for process in team:
        process.start()
    for process in team:
        process.join()
    seconds, lost = time.perf_counter() - begin, WORKERS * TIMES - v.value
    print(f"{way.__name__:10} {seconds:7.3f} s  counted {v.value:7}  lost {lost}")
    return lost == 0 or not must_be_right


def main():
    good = [count(two_steps, False), count(one_step, True), count(own, True), message()]
    print(f"message    {'arrived whole' if good[-1] else 'TORN'}")
    return all(good)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
