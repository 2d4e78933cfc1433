"""From which size on sharing pays, in Python: threads that are new, threads and processes that stay. --quick: few sizes."""
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

QUICK = "--quick" in sys.argv[1:]
SIZES = (1_000, 20_000) if QUICK else (100, 1_000, 10_000, 100_000, 1_000_000)
WORKERS, ROUNDS = 2, 3 if QUICK else 7


def work(first, last):
    return sum(i * i for i in range(first, last))


def square(i):
    return i * i


def halves(n):
    return (0, n // 2), (n // 2, n)


def serial(n, _threads, _processes):
    return work(0, n)


#> shares
def new_threads(n, _threads, _processes):
    found = []
    team = [threading.Thread(target=lambda part=part: found.append(work(*part))) for part in halves(n)]
    for thread in team:
        thread.start()
    for thread in team:
        thread.join()
    return sum(found)


def threads_that_stay(n, threads, _processes):
    return sum(threads.map(work, *zip(*halves(n))))


def processes_that_stay(n, _threads, processes):  # two numbers are sent to each, one comes back
    return sum(processes.map(work, *zip(*halves(n))))


def each_number_sent(n, _threads, processes):  # as many guides show it
    return sum(processes.map(square, range(n), chunksize=max(1, n // 8)))
#< shares


def median_time(way, n, pools):
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        good = way(n, *pools) == (n - 1) * n * (2 * n - 1) // 6
        times.append(time.perf_counter() - begin)
        if not good:
            sys.exit(f"{way.__name__} is WRONG for {n}")
    return sorted(times)[ROUNDS // 2]


def main():
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    print(f"Python {sys.version.split()[0]}, GIL {'on' if gil else 'off'}; speedup with {WORKERS} workers:")
    ways = new_threads, threads_that_stay, processes_that_stay, each_number_sent
    with ThreadPoolExecutor(WORKERS) as threads, ProcessPoolExecutor(WORKERS) as processes:
        pools = threads, processes
        for way in ways:
            way(100, *pools)  # all workers are there before the clock runs
        for n in SIZES:
            alone = median_time(serial, n, pools)
            print(f"{n:8}", *(f" {way.__name__} {alone / median_time(way, n, pools):5.2f}x" for way in ways))


if __name__ == "__main__":
    main()
