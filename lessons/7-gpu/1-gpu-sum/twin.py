"""A sum of squares by blocks of threads: played in plain Python, and on a GPU where numba and one are here. --quick: less."""
import sys
import time

N, BLOCK = 3_000 if "--quick" in sys.argv[1:] else 300_000, 256


#> played
def played(x):
    """Every thread of every block, one after another: the same indices, the same tree."""
    total = 0.0
    for block in range((len(x) + BLOCK - 1) // BLOCK):
        part = []
        for thread in range(BLOCK):
            i = block * BLOCK + thread              # which of all threads am I?
            part.append(x[i] * x[i] if i < len(x) else 0.0)
        reach = BLOCK // 2
        while reach > 0:                            # here all wait for all
            for thread in range(reach):
                part[thread] += part[thread + reach]
            reach //= 2
        total += part[0]                            # one addition a block
    return total
#< played


def on_gpu():
    """The same with numba, or why not."""
    try:
        import numpy
        from numba import cuda, float64
    except ImportError as error:
        return None, f"{error.name} is not here (package python3-numba)"
    if not cuda.is_available():
        return None, "numba finds no CUDA device"

    #> kernel
    @cuda.jit
    def kernel(x, total):
        part = cuda.shared.array(BLOCK, float64)
        me, i = cuda.threadIdx.x, cuda.grid(1)      # in my block, of all
        part[me] = x[i] * x[i] if i < x.size else 0.0
        reach = BLOCK // 2
        while reach > 0:
            cuda.syncthreads()                      # what the others wrote is there
            if me < reach:
                part[me] += part[me + reach]
            reach //= 2
        if me == 0:
            cuda.atomic.add(total, 0, part[0])
    #< kernel

    def run(x):
        total = cuda.to_device(numpy.zeros(1))
        kernel[(len(x) + BLOCK - 1) // BLOCK, BLOCK](cuda.to_device(numpy.array(x)), total)
        return total.copy_to_host()[0]
    return run, ""


numbers = [(2 * i % 1023 + 1) / 1024 for i in range(N)]
expected = sum(x * x for x in numbers)  # every partial sum is exact
gpu, why_not = on_gpu()
right = True
for name, way in (("one loop", lambda x: sum(v * v for v in x)), ("played blocks", played), ("numba.cuda", gpu)):
    if not way:
        print(f"{name:14} left out: {why_not}")
        continue
    begin = time.perf_counter()
    found = float(way(numbers))
    print(f"{name:14} {1e3 * (time.perf_counter() - begin):9.2f} ms  {found!r}{'' if found == expected else '  WRONG'}")
    right = right and found == expected
sys.exit(0 if right else 1)
