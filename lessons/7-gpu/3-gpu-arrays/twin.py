"""Five operations on whole arrays, and the same fused. --quick: shorter arrays.

numpy, numba and cupy are used where they are installed; the standard library does without them."""
import itertools
import sys
import time

N = 100_000 if "--quick" in sys.argv[1:] else 1_000_000


#> unfused
def unfused(x, y):
    t = [3 * a + b for a, b in zip(x, y)]  # saxpy: a new list
    u = [a // 7 for a in t]                # map: a new list
    v = [a for a in u if a % 2]            # filter: a new list
    w = list(itertools.accumulate(v))      # scan: a new list
    return sum(w)
#< unfused


#> fused
def fused(x, y):
    total = answer = 0
    for a, b in zip(x, y):  # no list in between
        u = (3 * a + b) // 7
        if u % 2:
            total += u
            answer += total
    return answer
#< fused


#> generators
def generators(x, y):
    t = (3 * a + b for a, b in zip(x, y))  # no list: each number is handed on
    u = (a // 7 for a in t)
    v = (a for a in u if a % 2)
    return sum(itertools.accumulate(v))
#< generators


#> numpy
def whole(np, x, y):
    t = 3 * x + y    # two new arrays: 3 * x, and the sum
    u = t // 7
    v = u[u % 2 == 1]
    return int(np.cumsum(v).sum())
#< numpy


def run(name, way, x, y, want):
    way(x, y)  # compile, warm up
    begin = time.perf_counter()
    got = way(x, y)
    print(f"{name:22} {1e3 * (time.perf_counter() - begin):9.2f} ms  {'right' if got == want else 'WRONG'}")
    return got == want


x = [(i * 7919) % 10007 for i in range(N)]
y = [(i * 104729) % 10009 for i in range(N)]
want = unfused(x, y)
good = [run(f.__name__, f, x, y, want) for f in (unfused, fused, generators)]
try:
    import numpy as np
    x, y = np.array(x, dtype=np.int64), np.array(y, dtype=np.int64)
    good.append(run("numpy, unfused", lambda a, b: whole(np, a, b), x, y, want))
except ImportError:
    print("numpy is not installed")
try:
    import numba
    good.append(run("numba, one loop", numba.njit(fused), x, y, want))
except ImportError:
    print("numba is not installed: it would compile fused() as it stands, for the processor")
try:
    import cupy
    gx, gy = cupy.asarray(x), cupy.asarray(y)
    good.append(run("cupy, on the GPU", lambda a, b: whole(cupy, a, b), gx, gy, want))
except Exception as why:  # not installed, or no GPU
    print(f"no cupy here ({type(why).__name__}): it is numpy's operations as launches on a GPU")
sys.exit(0 if all(good) else 1)
