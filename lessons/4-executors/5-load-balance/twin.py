"""A triangular loop in Python: equal parts, chunks, one by one on demand. --quick: fewer passes."""
import multiprocessing
import os
import sys
import time
from collections import Counter

WORKERS, PASSES = 4, 200 if "--quick" in sys.argv[1:] else 1500
A, C, MASK = 6364136223846793005, 1442695040888963407, 2**64 - 1


def one_pass(i):
    x = i
    for _ in range(8 * i):  # twice as far on, twice as long
        x = (A * x + C) & MASK
    return i, x, os.getpid()


#> ways
def equal_parts(pool):  # decided beforehand: a quarter for each
    return pool.map(one_pass, range(PASSES), chunksize=PASSES // WORKERS)


def as_preset(pool):  # about four chunks for each
    return pool.map(one_pass, range(PASSES))


def on_demand(pool):  # ten passes at a time, to whoever is free
    return list(pool.imap_unordered(one_pass, range(PASSES), chunksize=10))
#< ways


def expected(i):  # all steps at once
    steps = 8 * i
    return (pow(A, steps, 2**64) * i + C * ((pow(A, steps, (A - 1) << 64) - 1) // (A - 1))) & MASK


def show(way):
    with multiprocessing.Pool(WORKERS) as pool:
        pool.map(abs, range(WORKERS), chunksize=1)  # let them start
        begin = time.perf_counter()
        results = way(pool)
        seconds = time.perf_counter() - begin
    work = Counter()
    for i, _, pid in results:
        work[pid] += i
    share = ", ".join(f"{100 * w // max(1, sum(work.values()))} %" for _, w in work.most_common())
    good = sorted((i, x) for i, x, _ in results) == [(i, expected(i)) for i in range(PASSES)]
    print(f"{way.__name__:12} {seconds:7.3f} s  {'right' if good else 'WRONG'}  shares of the work: {share}")
    return good


def main():
    print(f"{WORKERS} processes, {os.cpu_count()} cores")
    return all([show(equal_parts), show(as_preset), show(on_demand)])


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
