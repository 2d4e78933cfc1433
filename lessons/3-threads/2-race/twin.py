"""A race on purpose: all schedules of a shared counter, then real threads. --quick: fewer additions."""
import sys
import threading
from itertools import permutations

counter = 0


#> steps
def add(times):
    """One addition is two steps; each `yield` is a point where others may run."""
    global counter
    for _ in range(times):
        old = counter      # read
        yield f"read {old}"
        counter = old + 1  # write
        yield f"write {old + 1}"


def replay(schedule, times):
    """Runs the threads as the schedule says: "1221"."""
    global counter
    counter = 0
    threads = {"1": add(times), "2": add(times)}
    return [(who, next(threads[who])) for who in schedule]
#< steps


#> explore
def explore(times):
    ends = {}
    for schedule in sorted(set(permutations("12" * 2 * times))):
        replay(schedule, times)
        ends.setdefault(counter, []).append("".join(schedule))
    return ends
#< explore


def let_loose(times):
    """Real threads: nobody decides the order."""
    global counter
    counter = 0

    def work():
        global counter
        for _ in range(times):
            old = counter
            counter = int(old) + 1  # the call gives others a chance to come between

    team = [threading.Thread(target=work) for _ in range(2)]
    for thread in team:
        thread.start()
    for thread in team:
        thread.join()
    return counter


for times in (1, 2):
    ends = explore(times)
    print(f"2 threads x {times}: {sum(map(len, ends.values()))} schedules")
    for end, schedules in sorted(ends.items()):
        print(f"  ends at {end}: {len(schedules):3}, for example {schedules[0]}")
    right = ends[2 * times]
    assert times > 1 or right == ["1122", "2211"], right

print("thread 1   thread 2   counter (1221)")
for who, what in replay("1221", 1):
    print(f"{'' if who == '1' else ' ' * 11}{what}")
print(f"{counter:22}")
assert counter == 1

sys.setswitchinterval(1e-5)  # let threads be switched often, so that luck runs out sooner
times = 20_000 if "--quick" in sys.argv[1:] else 300_000
print("let loose, five times:", *(2 * times - let_loose(times) for _ in range(5)), "lost of", 2 * times)
