"""A task farm with concurrent.futures, one of whose workers dies; the same in mpi4py and in Dask. --quick: fewer numbers."""
import os
import signal
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

N, CHUNKS = (2_000, 8) if "--quick" in sys.argv[1:] else (60_000, 16)
CUT = [N * c * c // CHUNKS**2 for c in range(CHUNKS + 1)]  # later chunks are longer


def number(i):
    return 1 + i * 2654435761 % 2**30


def steps(x, count=0):
    while x != 1:
        x = 3 * x + 1 if x % 2 else x // 2
        count += 1
    return count


#> make
def make(chunk, dies=False):
    if dies:
        os.kill(os.getpid(), signal.SIGKILL)  # as if it had no memory left
    return [steps(number(i)) for i in range(CUT[chunk], CUT[chunk + 1])]
#< make


#> farm
def farm(unlucky):
    y, todo, broken = {}, set(range(CHUNKS)), 0
    while todo:  # what was lost is given out again
        with ProcessPoolExecutor(2) as pool:  # who is done gets the next
            jobs = {pool.submit(make, c, c in unlucky): c for c in todo}
            for job in as_completed(jobs):
                try:
                    y[jobs[job]] = job.result()
                except BrokenProcessPool:  # one worker died, and all
                    broken += 1            # that was in the pool is lost
        todo -= y.keys()
        unlucky = ()
    return y, broken
#< farm


#> mpi
def farm_of_ranks():  # mpirun -n 3 python3 -m mpi4py.futures twin.py
    from mpi4py.futures import MPIPoolExecutor
    with MPIPoolExecutor() as pool:  # rank 0 deals, the others work
        return dict(enumerate(pool.map(make, range(CHUNKS)))), 0
#< mpi


#> dask
def in_dask():
    import dask.array as da
    import numpy as np
    x = np.array([number(i) for i in range(N)])
    sizes = tuple(b - a for a, b in zip(CUT, CUT[1:]) if b > a)
    y = da.from_array(x, chunks=(sizes,)).map_blocks(np.vectorize(steps, otypes=[int]))
    return int((y > y.mean()).sum().compute())
#< dask


if __name__ == "__main__":
    plain = [steps(number(i)) for i in range(N)]
    total = sum(plain)
    expected = sum(v * N > total for v in plain)
    y, broken = farm_of_ranks() if "mpi4py.futures" in sys.modules else farm({CHUNKS // 2})
    total = sum(sum(part) for part in y.values())
    found = sum(v * N > total for part in y.values() for v in part)
    print(f"{N} numbers in {CHUNKS} chunks: {found} above the mean, expected {expected}; {broken} tasks came back broken")
    try:
        dask = expected if "--quick" in sys.argv[1:] else in_dask()
    except ImportError as error:
        print(f"Dask: {error}")
        dask = expected
    sys.exit(0 if found == expected == dask else 1)
