"""Workers behind a queue, in Python's multiprocessing: one sentinel, and one for each. --quick: fewer items."""
import multiprocessing as mp
import sys
import time

WORKERS, ITEMS, ROOM = 4, 40 if "--quick" in sys.argv[1:] else 400, 8
PATIENCE = 0.5  # after the queue was found empty, and nobody puts any more


#> worker
def worker(queue, done):
    taken = 0
    while True:
        item = queue.get()  # sleeps until there is one
        if item is None:    # the sentinel: no more will come, for me
            done.put(taken)
            return
        sum(range(item))    # the work
        taken += 1
#< worker


#> pool
def pool(sentinels):
    queue, done = mp.Queue(maxsize=ROOM), mp.Queue()
    team = [mp.Process(target=worker, args=(queue, done)) for _ in range(WORKERS)]
    for process in team:
        process.start()
    for i in range(ITEMS):
        queue.put(300_000 if i == 0 else 3_000)  # waits while it is full
    for _ in range(sentinels):
        queue.put(None)
    taken = [done.get() for _ in range(sentinels)]
    for process in team:
        process.join(PATIENCE)  # without a limit this would hang
    stuck = [process for process in team if process.is_alive()]
#< pool
    for process in stuck:
        process.terminate()
        process.join()
    print(f"{sentinels} sentinel(s) for {WORKERS} workers: {len(stuck)} wait for ever; "
          f"those that ended took {taken} of {ITEMS} items")
    return len(stuck), sum(taken)


#> back-pressure
def back_pressure():
    queue, done = mp.Queue(maxsize=ROOM), mp.Queue()  # without maxsize there is no bound
    slow = mp.Process(target=worker, args=(queue, done))
    slow.start()
    begin, waited = time.perf_counter(), 0
    for _ in range(ITEMS):
        waited += queue.full()
        queue.put(100_000)
    queue.put(None)
    taken = done.get()
    slow.join()
    print(f"room for {ROOM}: the producer found it full {waited} times, {time.perf_counter() - begin:.2f} s in all")
    return taken == ITEMS
#< back-pressure


def main():
    print(f"Python {sys.version.split()[0]}, {WORKERS} processes, {ITEMS} items")
    wrong = pool(1)
    right = pool(WORKERS)
    return back_pressure() and wrong[0] == WORKERS - 1 and right == (0, ITEMS)


if __name__ == "__main__":
    mp.set_start_method("fork" if "fork" in mp.get_all_start_methods() else "spawn")
    sys.exit(0 if main() else 1)
