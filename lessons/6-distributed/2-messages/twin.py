"""Ping-pong in Python: alpha and beta. With mpi4py under `mpirun -n 2 python3 twin.py` by MPI, else through multiprocessing.Pipe.
--quick: fewer trips."""
import multiprocessing
import statistics
import sys
import time

try:
    from mpi4py import MPI
except ImportError:
    MPI = None

LENGTHS = (8, 512, 8192, 131072, 1048576)
TRIPS = 20 if "--quick" in sys.argv[1:] else 300


#> ping-pong
def by_mpi(comm, buffer):
    other = 1 - comm.Get_rank()
    if comm.Get_rank() == 0:
        comm.Send([buffer, MPI.BYTE], dest=other)  # as it lies there
        comm.Recv([buffer, MPI.BYTE], source=other)
    else:
        comm.Recv([buffer, MPI.BYTE], source=other)
        comm.Send([buffer, MPI.BYTE], dest=other)
#< ping-pong


def by_pipe(pipe, buffer):
    pipe.send_bytes(buffer)
    pipe.recv_bytes_into(buffer)


def echo(pipe):
    for _ in range(TRIPS * len(LENGTHS)):
        pipe.send_bytes(pipe.recv_bytes())


def one_ways(trip, first):
    times = []
    for n in LENGTHS:
        buffer = bytearray(i % 251 for i in range(n))
        before, took = bytes(buffer), []
        for _ in range(TRIPS):
            begin = time.perf_counter()
            trip(first, buffer)
            took.append((time.perf_counter() - begin) / 2)
        if buffer != before:
            sys.exit(f"{n} bytes did not come back as they went")
        times.append(statistics.median(took))
    return times


#> fit
def line(lengths, times):
    """Least squares of the relative distances: weights 1 / t^2."""
    w = [1 / t**2 for t in times]
    mean_m, mean_t = (sum(v * x for v, x in zip(w, xs)) / sum(w) for xs in (lengths, times))
    c = sum(v * (m - mean_m) * (t - mean_t) for v, m, t in zip(w, lengths, times))
    c /= sum(v * (m - mean_m) ** 2 for v, m in zip(w, lengths))
    return mean_t - c * mean_m, c
#< fit


if __name__ == "__main__":
    real = MPI is not None and MPI.COMM_WORLD.Get_size() == 2
    if real:
        times = one_ways(by_mpi, MPI.COMM_WORLD)
    else:
        fork = multiprocessing.get_context("fork")
        ours, theirs = fork.Pipe()
        child = fork.Process(target=echo, args=(theirs,))
        child.start()
        times = one_ways(by_pipe, ours)
        child.join()
    if not real or MPI.COMM_WORLD.Get_rank() == 0:
        alpha, c = line(LENGTHS, times)
        print(f"{'mpi4py' if real else 'multiprocessing.Pipe'}: alpha {alpha * 1e6:.1f} us, beta {1e-6 / c if c > 0 else 0:.0f} MB/s")
        for n, t in zip(LENGTHS, times):
            print(f"{n:9d} bytes {t * 1e6:10.1f} us")
