"""Phases with and without a barrier, in Python's threading. --quick: fewer phases."""
import sys
import threading
import time

WORKERS, CELLS, PHASES = 4, 64, 50 if "--quick" in sys.argv[1:] else 500


def anew(old, i):
    return (old[i - 1] + 2 * old[i] + old[(i + 1) % CELLS]) % 1_000_003


def alone():
    cells = [i * i for i in range(CELLS)]
    for _ in range(PHASES):
        cells = [anew(cells, i) for i in range(CELLS)]
    return cells


#> phases
def work(me, copies, meet):
    first, last = me * CELLS // WORKERS, (me + 1) * CELLS // WORKERS
    for k in range(PHASES):
        old, new = copies[k % 2], copies[(k + 1) % 2]
        for i in range(first, last):
            new[i] = anew(old, i)
        meet()  # threading.Barrier(WORKERS).wait: until all are here
#< phases


def team(meet):
    copies = [[i * i for i in range(CELLS)], [0] * CELLS]
    broken = []

    def guarded(me):
        try:
            work(me, copies, meet)
        except threading.BrokenBarrierError:
            broken.append(me)

    threads = [threading.Thread(target=guarded, args=(me,)) for me in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return copies[PHASES % 2], broken


def show(name, meet, must_be_right):
    begin = time.perf_counter()
    cells, broken = team(meet)
    good = cells == EXPECTED
    what = f"hung: {len(broken)} workers were let go" if broken else "right" if good else "WRONG"
    print(f"{name:22} {time.perf_counter() - begin:7.3f} s  {what}")
    return good or not must_be_right


EXPECTED = alone()
sys.setswitchinterval(1e-5)  # let threads be switched often
good = [
    show("barrier", threading.Barrier(WORKERS).wait, True),
    show("no barrier", lambda: None, False),
    show("barrier for one more", threading.Barrier(WORKERS + 1, timeout=0.3).wait, False)]
sys.exit(0 if all(good) else 1)
