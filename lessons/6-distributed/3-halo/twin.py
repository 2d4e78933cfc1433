"""A bar of cells dealt to processes that exchange a halo: mpi4py under `mpirun -n 2 python3 twin.py`, else pipes. --quick: few cells."""
import multiprocessing
import sys

try:
    from mpi4py.MPI import COMM_WORLD as world
except ImportError:
    world = None

N, SWEEPS = (300, 20) if "--quick" in sys.argv[1:] else (20_000, 60)
fork = multiprocessing.get_context("fork")


def start(rank, size):
    return [float(i * i % 37) for i in range(rank * N // size, (rank + 1) * N // size)]


#> exchange
def exchange(comm, cells):  # cells[0] and cells[-1] are the halo
    rank, last = comm.Get_rank(), comm.Get_size() - 1
    if rank < last:  # my last cell goes right, its first comes
        cells[-1] = comm.sendrecv(cells[-2], rank + 1, source=rank + 1)
    if rank > 0:
        cells[0] = comm.sendrecv(cells[1], rank - 1, source=rank - 1)


def sweeps(comm, mine, fresh=True):
    cells = [0.0, *mine, 0.0]
    for _ in range(SWEEPS):
        before = list(cells)
        exchange(comm, cells)
        use = cells if fresh else before  # stale: the halo of the sweep before
        cells[1:-1] = [0.5 * use[i] + 0.25 * (use[i - 1] + use[i + 1]) for i in range(1, len(use) - 1)]
    return cells[1:-1]
#< exchange


#> numpy
def exchange_rows(comm, plate, north, south):  # capital letters: no pickle, rows are sent as they lie
    comm.Sendrecv(plate[1], north, 0, plate[-1], south, 0)
    comm.Sendrecv(plate[-2], south, 1, plate[0], north, 1)
#< numpy


class Ranks:  # of mpi4py's communicator what is needed here, over pipes between neighbours
    def __init__(self, rank, size, pipes):
        self.Get_rank, self.Get_size, self.pipes = lambda: rank, lambda: size, pipes

    def sendrecv(self, what, dest, source):
        self.pipes[dest].send(what)
        return self.pipes[source].recv()


def by_processes(size, fresh):
    pipes, outs = [{} for _ in range(size)], [fork.Pipe(duplex=False) for _ in range(size)]
    for r in range(size - 1):
        pipes[r][r + 1], pipes[r + 1][r] = fork.Pipe()
    team = [fork.Process(target=lambda r: outs[r][1].send(sweeps(Ranks(r, size, pipes[r]), start(r, size), fresh)), args=(r,))
            for r in range(size)]
    for p in team:
        p.start()
    result = [cell for out, _ in outs for cell in out.recv()]
    for p in team:
        p.join()
    return result


if __name__ == "__main__":
    alone = sweeps(Ranks(0, 1, {}), start(0, 1))
    if world is not None and world.Get_size() > 1:
        parts = world.gather(sweeps(world, start(world.Get_rank(), world.Get_size())), root=0)
        if parts is not None:  # the root
            print(f"mpi4py, {len(parts)} ranks: {'right' if sum(parts, []) == alone else 'WRONG'}")
        sys.exit(parts is not None and sum(parts, []) != alone)
    good, stale = by_processes(3, True), by_processes(3, False)
    wrong = [i for i in range(N) if stale[i] != alone[i]]
    print(f"{N} cells on 3 processes, {SWEEPS} sweeps: {'bit for bit as one process' if good == alone else 'WRONG'}")
    print(f"with a halo one sweep old: {len(wrong)} cells are wrong, from {wrong[0]} to {wrong[-1]}")
    sys.exit(0 if good == alone and wrong else 1)
