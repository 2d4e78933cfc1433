"""Shared memory between Python processes: a value, an array, a block with a name. --quick: fewer additions."""
import multiprocessing as mp
import sys
import time
from multiprocessing import shared_memory

WORKERS, TIMES = 2, 3_000 if "--quick" in sys.argv[1:] else 50_000


#> counters
def unprotected(value, cells, me):
    for _ in range(TIMES):
        value.value = value.value + 1  # read, add, write: another process may come in between


def with_lock(value, cells, me):
    for _ in range(TIMES):
        with value.get_lock():  # the lock came with mp.Value; += alone does not take it
            value.value += 1


def own_cell(value, cells, me):
    for _ in range(TIMES):
        cells[me] += 1  # a shared array, a cell for each: no lock
#< counters


def ordinary(value, cells, me):
    global counter
    for _ in range(TIMES):
        counter += 1  # this process's own copy


counter = 0


def tally(way, must_be_right):
    value, cells = mp.Value("l", 0), mp.Array("l", WORKERS, lock=False)
    team = [mp.Process(target=way, args=(value, cells, me)) for me in range(WORKERS)]
    begin = time.perf_counter()
    for process in team:
        process.start()
    for process in team:
        process.join()
    counted = value.value + sum(cells) + counter
    print(f"{way.__name__:12} {time.perf_counter() - begin:6.3f} s  counted {counted} of {WORKERS * TIMES}")
    return counted == WORKERS * TIMES or not must_be_right


#> named
def write_by_name(name):
    block = shared_memory.SharedMemory(name)  # any program that knows the name can open it
    block.buf[:4] = bytes([0, 1, 4, 9])
    block.close()


def named():
    block = shared_memory.SharedMemory(create=True, size=4)
    child = mp.Process(target=write_by_name, args=(block.name,))
    child.start()
    child.join()
    found = list(block.buf[:4])
    block.close()
    block.unlink()  # else it stays until the machine restarts
    print(f"by name      another process wrote {found}")
    return found == [0, 1, 4, 9]
#< named


def main():
    print(f"Python {sys.version.split()[0]}, {WORKERS} processes x {TIMES}")
    good = [tally(way, right) for way, right in (
        (ordinary, False), (unprotected, False), (with_lock, True), (own_cell, True))]
    return all(good + [named()])


if __name__ == "__main__":
    mp.set_start_method("fork" if "fork" in mp.get_all_start_methods() else "spawn")
    sys.exit(0 if main() else 1)
