"""One loop shared by pool.map: slices, chunks, threads. --quick: a smaller picture."""
import functools
import operator
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pool

WORKERS = 2
ROWS, COLUMNS, LIMIT = (64, 24, 60) if "--quick" in sys.argv[1:] else (512, 96, 200)


#> row
def row(y):
    """Steps for one row of the Mandelbrot set: the first rows lie inside it and take the most."""
    steps = 0
    for x in range(COLUMNS):
        c, z = complex(2.5 * x / COLUMNS - 2, 1.2 * y / ROWS), 0j
        for _ in range(LIMIT):
            if abs(z) > 2:
                break
            z = z * z + c
            steps += 1
    return steps
#< row


def serial():
    return sum(row(y) for y in range(ROWS))


#> pool
def pooled(pool, chunk):
    steps = pool.map(row, range(ROWS), chunksize=chunk)
    return functools.reduce(operator.add, steps)  # Pool itself has no reduce
#< pool


def threaded(executor):
    return sum(executor.map(row, range(ROWS)))  # chunksize means nothing to threads


def timed(name, work, *args):
    begin = time.perf_counter()
    result = work(*args)
    print(f"{name:28} {time.perf_counter() - begin:7.3f} s  {result} steps")
    return result


def main():
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    print(f"Python {sys.version.split()[0]}, GIL {'on' if gil else 'off'}, {ROWS} rows, {WORKERS} workers")
    expected = timed("serial", serial)
    results = []
    with Pool(WORKERS) as pool:
        pool.map(abs, range(WORKERS))  # let the workers start before the clock does
        slice_each = ROWS // WORKERS
        results.append(timed(f"processes, slices of {slice_each}", pooled, pool, slice_each))
        for chunk in (1, 4, 16):
            results.append(timed(f"processes, chunks of {chunk}", pooled, pool, chunk))
    with ThreadPoolExecutor(WORKERS) as executor:
        results.append(timed("threads, row by row", threaded, executor))
    if gil:
        print("Threads take turns under the GIL: expect no gain from them.")
    return 0 if all(result == expected for result in results) else 1


if __name__ == "__main__":  # a worker may import this file again
    sys.exit(main())
