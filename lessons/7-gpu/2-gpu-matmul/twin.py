"""A product of matrices: three loops, tiles, and the libraries where they are here. --quick: less."""
import sys
import time

N, TILE = 48 if "--quick" in sys.argv[1:] else 160, 16


def loops(a, b):
    n = len(a)
    return [[sum(a[i][k] * b[k][j] for k in range(n)) for j in range(n)] for i in range(n)]


#> tiles
def tiles(a, b):
    n = len(a)
    c = [[0] * n for _ in range(n)]
    for row in range(0, n, TILE):
        for column in range(0, n, TILE):
            for k in range(0, n, TILE):
                left = [r[k:k + TILE] for r in a[row:row + TILE]]       # fetched once …
                right = [r[column:column + TILE] for r in b[k:k + TILE]]
                for i, line in enumerate(left):                         # … used TILE times
                    out = c[row + i]
                    for x, factor in enumerate(line):
                        for j, y in enumerate(right[x]):
                            out[column + j] += factor * y
    return c
#< tiles


def with_numpy():
    import numpy
    return lambda a, b: (numpy.array(a, "f4") @ numpy.array(b, "f4")).astype(int).tolist()


#> device
def with_cupy():
    import cupy
    cupy.cuda.runtime.getDeviceCount()           # raises where there is none

    def product(a, b):
        x, y = cupy.array(a, "f4"), cupy.array(b, "f4")  # to the device
        return (x @ y).astype(int).get().tolist()        # cuBLAS, and back
    return product
#< device


def make(seed):
    return [[(i * 37 + j * 11 + seed) % 31 - 15 for j in range(N)] for i in range(N)]


def right(c, a, b):
    """Freivalds' test: C r is A (B r), without the product."""
    times = lambda m, v: [sum(x * y for x, y in zip(row, v)) for row in m]
    r = [i * i % 101 - 50 for i in range(N)]
    return times(c, r) == times(a, times(b, r))


a, b, good = make(1), make(2), True
for name, way in (("three loops", lambda: loops), ("tiles", lambda: tiles), ("numpy", with_numpy), ("cupy", with_cupy)):
    try:
        product = way()
    except Exception as error:  # no package, no device: any reason is fine
        print(f"{name:12} left out: {error}")
        continue
    begin = time.perf_counter()
    c = product(a, b)
    seconds, fine = time.perf_counter() - begin, right(c, a, b)
    print(f"{name:12} {1e3 * seconds:9.2f} ms  {2 * N ** 3 / seconds / 1e6:8.1f} Mflop/s  {'right' if fine else 'WRONG'}")
    good = good and fine
sys.exit(0 if good else 1)
