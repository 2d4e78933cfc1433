"""Pipes in Python: no borders, the end, a hang that is noticed, round trips. --quick: fewer of them."""
import multiprocessing
import os
import select
import statistics
import sys
import time

TRIPS = 200 if "--quick" in sys.argv[1:] else 5000
good = []


def check(held, text):
    good.append(held)
    print(f"{'ok   ' if held else 'WRONG'} {text}")


#> borders
def borders():
    r, w = os.pipe()
    for piece in (b"one", b"two", b"three"):
        os.write(w, piece)
    got = os.read(r, 100)  # one read, not one message
    check(got == b"onetwothree", f"three writes, one read: {got}")
#< borders


#> end
def end(close_unused):
    r, w = os.pipe()
    sys.stdout.flush()  # or the child has our text in its buffer, too
    pid = os.fork()
    if pid == 0:  # the reader
        if close_unused:
            os.close(w)
        while select.select([r], [], [], 0.3)[0]:  # a limit, so that this ends
            if not os.read(r, 100):
                os._exit(0)  # b"": the end
        os._exit(1)  # neither bytes nor the end
    os.close(r)
    os.write(w, b"all I have")
    os.close(w)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
#< end


#> frames
def echo(ours, theirs):
    ours.close()  # the end that is not ours: else EOFError never comes
    try:
        while True:
            theirs.send(theirs.recv())  # whole objects: Connection makes the frames
    except EOFError:
        pass
#< frames


def round_trips(how):
    ours, theirs = how.Pipe()
    child = how.Process(target=echo, args=(ours, theirs))
    child.start()
    theirs.close()
    times = []
    for i in range(TRIPS):
        begin = time.perf_counter()
        ours.send(i)
        good.append(ours.recv() == i)
        times.append(time.perf_counter() - begin)
    ours.close()
    child.join()
    print(f"      a round trip through multiprocessing.Pipe: {statistics.median(times) * 1e6:.0f} us")


if __name__ == "__main__":
    print(f"Python {sys.version.split()[0]}, {TRIPS} round trips")
    borders()
    check(end(True), "unused end closed: the reader sees the end")
    check(not end(False), "not closed: nothing comes, and no end (it would hang)")
    round_trips(multiprocessing.get_context("fork"))
    sys.exit(0 if all(good) else 1)
