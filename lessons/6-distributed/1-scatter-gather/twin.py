"""Scatter and gather in Python: by mpi4py under `mpirun -n 4 python3 twin.py`, else a process a rank and pipes. --quick: few numbers."""
import multiprocessing
import sys

try:
    from mpi4py.MPI import COMM_WORLD as world
except ImportError:
    world = None
N = 7 if "--quick" in sys.argv[1:] else 700_000
fork = multiprocessing.get_context("fork")


#> scatter
def squares(comm, data):
    rank, size = comm.Get_rank(), comm.Get_size()
    parts = [data[r::size] for r in range(size)] if rank == 0 else None
    mine = comm.scatter(parts, root=0)  # only the root has parts
    mine = [x * x for x in mine]
    return comm.gather(mine, root=0)  # None on all but the root
#< scatter


class Ranks:  # of mpi4py's communicator what is needed here
    def __init__(self, rank, size, pipes):
        self.Get_rank, self.Get_size, self.pipes = lambda: rank, lambda: size, pipes

    def scatter(self, parts, root):
        if self.Get_rank() != root:
            return self.pipes[0].recv()
        if parts is None or len(parts) != self.Get_size():
            raise ValueError(f"the root must have a part for each rank, it has {parts}")
        for pipe, part in zip(self.pipes, parts[1:]):
            pipe.send(part)
        return parts[0]

    def gather(self, mine, root):
        if self.Get_rank() == root:
            return [mine] + [pipe.recv() for pipe in self.pipes]
        self.pipes[0].send(mine)


def by_processes(size, data):
    ends = [fork.Pipe() for _ in range(1, size)]
    others = [fork.Process(target=squares, args=(Ranks(r + 1, size, [end]), None)) for r, (_, end) in enumerate(ends)]
    for p in others:
        p.start()
    result = squares(Ranks(0, size, [mine for mine, _ in ends]), data)
    for p in others:
        p.join()
    return result


#> send-first
def swap(pipe):
    pipe.send(b"x" * 1_000_000)  # more than a pipe holds: waits for the reader ...
    return pipe.recv()  # ... and nobody gets here
#< send-first


if __name__ == "__main__":
    real = world is not None and world.Get_size() > 1
    result = squares(world, list(range(N))) if real else by_processes(3, list(range(N)))
    if result is None:
        sys.exit(0)  # not the root
    good = all(part == [x * x for x in range(r, N, len(result))] for r, part in enumerate(result))
    print(f"{'mpi4py' if real else 'multiprocessing'}, {len(result)} ranks: {N} squares, {'right' if good else 'WRONG'}")
    try:
        Ranks(0, 3, []).scatter(None, root=0)
    except ValueError as error:
        print(f"scatter(None): {error}")
    two = [fork.Process(target=swap, args=(end,)) for end in fork.Pipe()]
    for p in two:
        p.start()
    for p in two:
        p.join(0.3)
    stuck = [p for p in two if p.is_alive()]
    print(f"both send 1 MB first: {len(stuck)} of 2 processes are stuck; ended")
    for p in stuck:
        p.kill()
    sys.exit(0 if good and len(stuck) == 2 else 1)
