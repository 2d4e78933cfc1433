"""Data parallelism and task parallelism with Python's processes, and a pipeline of threads. --quick: less of everything."""
import queue
import random
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

WORDS, SLICES = (20_000, 4) if "--quick" in sys.argv[1:] else (400_000, 4)
random.seed(1)
dictionary = ["".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=5)) for _ in range(5000)]
words = random.choices(dictionary, k=WORDS)


def count_letters(some):
    return Counter("".join(some))


#> data
def by_data(pool):  # the same function, other slices
    slices = [words[i::SLICES] for i in range(SLICES)]
    return sum(pool.map(Counter, slices), Counter())
#< data


#> tasks
def by_tasks(pool):  # other functions, the same list
    a = pool.submit(sorted, words)
    b = pool.submit(count_letters, words)
    c = pool.submit(Counter, words)
    return a.result(), b.result(), c.result()
#< tasks


#> stages
def stage(function, inlet, outlet):
    while (block := inlet.get()) is not None:  # None: behind the last block
        outlet.put(function(block))
    outlet.put(None)


def by_stages():
    belts = [queue.Queue() for _ in range(3)]
    for text in texts:
        belts[0].put(text)
    belts[0].put(None)
    for i, function in enumerate([str.split, sorted]):
        threading.Thread(target=stage, args=(function, belts[i], belts[i + 1])).start()
    total = Counter()
    while (block := belts[2].get()) is not None:  # the last stage: this thread
        total.update(block)
    return total
#< stages


texts = [" ".join(words[i:i + 1000]) for i in range(0, WORDS, 1000)]


def show(name, way, expected):
    begin = time.perf_counter()
    good = way() == expected
    print(f"{name:34} {time.perf_counter() - begin:7.3f} s  {'right' if good else 'WRONG'}")
    return good


def main():
    right = sorted(words), count_letters(words), Counter(words)
    print(f"Python {sys.version.split()[0]}, {WORDS} words")
    good = [show("one after another", lambda: (sorted(words), count_letters(words), Counter(words)), right)]
    with ProcessPoolExecutor(SLICES) as pool:
        pool.submit(len, "").result()  # the processes are there before the clock runs
        good += [show("three tasks, processes", lambda: by_tasks(pool), right),
                 show(f"count words, {SLICES} slices, processes", lambda: by_data(pool), right[2])]
    good += [show("count words, stages, threads", by_stages, right[2])]
    return all(good)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
