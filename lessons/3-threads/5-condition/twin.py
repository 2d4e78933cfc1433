"""Wait for a state: a bounded buffer in Python's threading, right and with `if` for `while`. --quick: fewer items."""
import sys
import threading
import time
from collections import deque

ITEMS = 300 if "--quick" in sys.argv[1:] else 5000


#> buffer
class Buffer:
    def __init__(self, capacity):
        self.items, self.capacity = deque(), capacity
        lock = threading.Lock()
        self.not_empty, self.not_full = threading.Condition(lock), threading.Condition(lock)  # one lock

    def put(self, item):
        with self.not_full:
            while len(self.items) == self.capacity:
                self.not_full.wait()
            self.items.append(item)
            self.not_empty.notify()  # after the change, under the lock

    def take(self):
        with self.not_empty:
            self.not_empty.wait_for(lambda: self.items)  # the `while` is inside
            item = self.items.popleft()
            self.not_full.notify()
            return item
#< buffer


class Hasty(Buffer):
    def put(self, item):
        super().put(item)
        with self.not_empty:
            self.not_empty.notify_all()

    def take(self):
        with self.not_empty:
            if not self.items:
                self.not_empty.wait()  # looks once
            item = self.items.popleft()  # IndexError: somebody else was faster
            self.not_full.notify()
            return item


def run(kind, capacity, pause=0.0):
    buffer, got, errors = kind(capacity), [], []

    def consume():
        while True:
            try:
                item = buffer.take()
            except IndexError:
                errors.append("empty")
                continue
            if item is None:  # the end, for one consumer
                return
            got.append(item)
    team = [threading.Thread(target=consume) for _ in range(2)]
    for thread in team:
        thread.start()
    begin = time.perf_counter()
    for item in range(ITEMS):
        buffer.put(item)
        time.sleep(pause)  # items come one by one: both consumers sleep again
    for _ in team:
        buffer.put(None)
    for thread in team:
        thread.join()
    rate = ITEMS / (time.perf_counter() - begin)
    print(f"{kind.__name__:8} capacity {capacity:4}  {rate:9.0f} items/s  {len(errors)} takes from an empty buffer")
    return sorted(got) == list(range(ITEMS)) and not errors


good = [run(Buffer, capacity) for capacity in (1, 16, 256)]
run(Hasty, 16, pause=0.001 if ITEMS < 1000 else 0.0002)
sys.exit(0 if all(good) else 1)
