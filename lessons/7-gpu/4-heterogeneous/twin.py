"""One picture, two kinds of workers, in Python: a slow one and a fast one share the rows. --quick: a small picture.

The slow one is a plain loop. A process pool stands for the device: a trip there and back costs, so it takes many rows at once."""
import multiprocessing
import sys
import threading
import time

N, LIMIT = (48, 60) if "--quick" in sys.argv[1:] else (120, 200)


def row(y, n=N, limit=LIMIT):
    counts = []
    for i in range(n):
        c, z, k = complex(-1.4 + 1.6 * i / n, -1.05 + 1.6 * y / n), 0j, 0
        while k < limit and z.real * z.real + z.imag * z.imag <= 4:
            z, k = z * z + c, k + 1
        counts.append(k)
    return counts


def by_device(pool, rows):
    """One trip: row numbers over, rows back. Whoever drives the device only waits."""
    return pool.map(row, rows)


#> dynamic
def dynamic(pool, order, picture, chunk):
    place, lock, taken = 0, threading.Lock(), {"loop": 0, "device": 0}

    def take(most):  # the one counter
        nonlocal place
        with lock:
            mine, place = order[place:place + most], place + most
            return mine

    def loop():
        while mine := take(1):
            picture[mine[0]] = row(mine[0])
            taken["loop"] += 1

    def drive():
        while mine := take(chunk):  # many at once: a trip costs
            for y, counts in zip(mine, by_device(pool, mine)):
                picture[y] = counts
            taken["device"] += len(mine)

    team = [threading.Thread(target=loop), threading.Thread(target=drive)]
    for t in team:
        t.start()
    for t in team:
        t.join()
    return taken
#< dynamic


def main():
    want = [row(y) for y in range(N)]
    order = [y * 29 % N for y in range(N)]  # shuffled: a tenth of the rows is a tenth of the work
    good = True
    with multiprocessing.Pool(2) as pool:
        for chunk in (1, 8, N):
            picture, begin = [None] * N, time.perf_counter()
            taken = dynamic(pool, order, picture, chunk)
            good &= picture == want
            print(f"chunk {chunk:3}: {1e3 * (time.perf_counter() - begin):8.1f} ms, the pool took {taken['device']}, the loop {taken['loop']} "
                  f"of {N} rows, {'right' if picture == want else 'WRONG'}")
    try:
        from numba import cuda
        print("numba.cuda finds", "a device: @cuda.jit would take the pool's place" if cuda.is_available() else "no device here")
    except ImportError:
        print("numba is not installed: with it, @cuda.jit would take the pool's place")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
