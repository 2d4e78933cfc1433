"""A graph of tasks in Python: work, span, and futures that wait for futures. --quick: shorter tasks."""
import sys
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter

UNIT = 0.002 if "--quick" in sys.argv[1:] else 0.02  # seconds that a task waits, as for an answer from outside
TILES = 4


#> needs
def graph(tiles):
    """Task -> the tasks it needs: whoever has written last what it reads or writes."""
    needs, writer = {}, {}

    def task(name, tile, *reads):
        needs[name] = {writer[t] for t in (*reads, tile) if t in writer}
        writer[tile] = name

    for k in range(tiles):
        task(f"F{k}{k}", (k, k))
        for i in range(k + 1, tiles):
            task(f"S{i}{k}", (i, k), (k, k))
        for j in range(k + 1, tiles):
            for i in range(j, tiles):
                task(f"U{i}{j}-{k}", (i, j), (i, k), (j, k))
    return needs
#< needs


def span(needs):
    step = {}
    for name in TopologicalSorter(needs).static_order():
        step[name] = 1 + max((step[n] for n in needs[name]), default=0)
    return max(step.values())


#> futures
def run(needs, workers):
    """Submits each task when all that it needs is done. Returns the order in which they were done."""
    order, running, sorter = [], {}, TopologicalSorter(needs)
    sorter.prepare()
    with ThreadPoolExecutor(workers) as pool:
        while sorter.is_active():
            for name in sorter.get_ready():
                running[pool.submit(time.sleep, UNIT)] = name
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                order.append(running.pop(future))
                sorter.done(order[-1])
    return order
#< futures


needs = graph(TILES)
work, longest = len(needs), span(needs)
print(f"work T1 = {work}, span = {longest}: {work / longest:.2f} times as fast at most")
for workers in (1, 2, 4, 8):
    begin = time.perf_counter()
    order = run(needs, workers)
    took = time.perf_counter() - begin
    print(f"{workers} workers: {took / UNIT:5.1f} units of time, speedup {work * UNIT / took:.2f}")
    place = {name: i for i, name in enumerate(order)}
    assert all(place[n] < place[name] for name in needs for n in needs[name]), "a task came before what it needs"
assert (work, longest) == (20, 10)
