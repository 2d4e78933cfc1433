"""Processes in Python: own memory, exit status, a signal, what it costs. --quick: fewer starts."""
import multiprocessing
import os
import signal
import sys
import threading
import time

STARTS = 10 if "--quick" in sys.argv[1:] else 100
number = 1
good = []


def check(held, text):
    good.append(held)
    print(f"{'ok   ' if held else 'WRONG'} {text}")


#> own-memory
def child(queue):
    global number
    number = 2          # in the child's memory
    queue.put(number)   # this is how it gets out


def own_memory(how):
    queue = how.Queue()
    process = how.Process(target=child, args=(queue,))
    process.start()
    told = queue.get()  # before join: a child with much to tell cannot end until it is read
    process.join()
    check((number, told) == (1, 2), f"the child told {told}, the parent's number is {number}")
#< own-memory


#> endings
def ends(what, how):
    sys.stdout.flush()   # or the child has our text in its buffer, too
    pid = os.fork()
    if pid == 0:
        how()
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(f"      {what:24} {f'signal {-status}' if status < 0 else f'exit status {status}'}")
    return status
#< endings


def cost(name, make):
    begin = time.perf_counter()
    for _ in range(STARTS):
        one = make(target=int)  # int(): nothing to do
        one.start()
        one.join()
    print(f"      {name:24} {(time.perf_counter() - begin) / STARTS * 1e6:8.0f} us to start and join")


def main():
    if not hasattr(os, "fork"):
        print("no fork on this system: multiprocessing starts a new Python instead")
        return
    how = multiprocessing.get_context("fork")
    print(f"Python {sys.version.split()[0]}, {STARTS} starts, way of starting by preset: {multiprocessing.get_start_method()}")
    own_memory(how)
    check(ends("os._exit(7)", lambda: os._exit(7)) == 7, "an exit status comes back")
    check(ends("os._exit(300)", lambda: os._exit(300)) == 44, "of eight bits")
    check(ends("SIGKILL", lambda: os.kill(os.getpid(), signal.SIGKILL)) == -9, "killed by a signal: a negative one")
    cost("threading.Thread", threading.Thread)
    cost("multiprocessing, fork", how.Process)


if __name__ == "__main__":
    main()
    sys.exit(0 if all(good) else 1)
