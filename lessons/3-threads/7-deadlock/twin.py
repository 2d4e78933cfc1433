"""Dining philosophers in Python's threading: one deadlock, three cures. --quick: fewer meals."""
import sys
import threading
import time

SEATS, MEALS = 5, 500 if "--quick" in sys.argv[1:] else 20_000
forks = [threading.Lock() for _ in range(SEATS)]
chairs = threading.Semaphore(SEATS - 1)


def neighbours(seat):
    return seat, (seat + 1) % SEATS


#> naive
def naive(seat, all_hold_left, waits):
    left, right = neighbours(seat)
    with forks[left]:
        all_hold_left.wait()
        if forks[right].acquire(timeout=0.5):  # without the limit: for ever
            forks[right].release()
        else:
            waits.append(seat)
        all_hold_left.wait()  # nobody gives back a fork before all have given up
#< naive


#> ordered
def ordered(seat, eat):
    first, second = sorted(neighbours(seat))
    with forks[first], forks[second]:
        eat(seat)
#< ordered


#> trylock
def trylock(seat, eat):
    first, second = neighbours(seat)
    while True:
        with forks[first]:
            if forks[second].acquire(blocking=False):
                eat(seat)
                forks[second].release()
                return
        first, second = second, first  # wait for the one that was missing
#< trylock


#> waiter
def waiter(seat, eat):
    left, right = neighbours(seat)
    with chairs, forks[left], forks[right]:
        eat(seat)
#< waiter


def everybody(work):
    team = [threading.Thread(target=work, args=(seat,)) for seat in range(SEATS)]
    for thread in team:
        thread.start()
    for thread in team:
        thread.join()


all_hold_left, waits = threading.Barrier(SEATS), []
everybody(lambda seat: naive(seat, all_hold_left, waits))
print("naive:", ", ".join(f"{s + 1} waits for {(s + 1) % SEATS + 1}" for s in sorted(waits)))
good = len(waits) == SEATS
for way in (ordered, trylock, waiter):
    eaten = [0] * SEATS

    def eat(seat):
        eaten[seat] += 1

    begin = time.perf_counter()
    everybody(lambda seat: [way(seat, eat) for _ in range(MEALS)])
    seconds = time.perf_counter() - begin
    print(f"{way.__name__:8} {SEATS * MEALS / seconds:10.0f} meals/s, each has eaten {min(eaten)} to {max(eaten)}")
    good = good and eaten == [MEALS] * SEATS
sys.exit(0 if good else 1)
