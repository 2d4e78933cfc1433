"""A wire between two tap devices, as `tc netem` makes it where the kernel has that: each frame leaves DELAY ms after it came, and no
faster than RATE Mbit/s. wire.py TAP TAP SETTINGS; the file SETTINGS holds "DELAY RATE" (0: no limit) and is read anew on SIGUSR1."""
import collections
import fcntl
import os
import select
import signal
import struct
import sys
import time

TUNSETIFF, IFF_TAP, IFF_NO_PI, MOST = 0x400454CA, 2, 0x1000, 20000


def tap(name):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return fd


def settings(*_):
    global delay, rate
    with open(sys.argv[3]) as file:
        delay, mbit = (float(word) for word in file.read().split())
    delay, rate = delay / 1000, mbit * 1e6 / 8


settings()
signal.signal(signal.SIGUSR1, settings)
ends = [tap(sys.argv[1]), tap(sys.argv[2])]
frames = [collections.deque(), collections.deque()]  # (when, frame), on their way to the other end
free = [0.0, 0.0]  # when the last frame has passed the narrow place
print("ready", flush=True)
while True:
    now = time.monotonic()
    for way in (0, 1):
        while frames[way] and frames[way][0][0] <= now:
            try:
                os.write(ends[1 - way], frames[way].popleft()[1])
            except OSError:
                pass  # the device is full or down: lost, as on a wire
    due = [f[0][0] for f in frames if f]
    try:
        ready = select.select(ends, [], [], max(0, min(due) - now) if due else None)[0]
    except InterruptedError:
        continue
    for end in ready:
        way = ends.index(end)
        try:
            while len(frames[way]) < MOST:
                frame = os.read(end, 65536)
                now = time.monotonic()
                free[way] = max(free[way], now) + (len(frame) / rate if rate else 0)
                frames[way].append((free[way] + delay, frame))
        except BlockingIOError:
            pass
        except OSError:
            time.sleep(0.01)  # not up yet
