"""The event loop in Python's asyncio. --quick: fewer and shorter waits."""
import asyncio
import sys
import time

QUICK = "--quick" in sys.argv[1:]
TASKS, WAIT = (200, 0.01) if QUICK else (1000, 0.01)
UNIT = 0.02 if QUICK else 0.05  # seconds


async def timed(what):
    begin = time.perf_counter()
    await what
    return time.perf_counter() - begin


#> asyncio
async def thousand():
    await asyncio.gather(*(asyncio.sleep(WAIT) for _ in range(TASKS)))


async def limit():
    try:
        return await asyncio.wait_for(asyncio.sleep(100), UNIT)
    except asyncio.TimeoutError:
        return "cancelled: the time was over"


async def call(in_thread):
    if in_thread:
        await asyncio.to_thread(time.sleep, 6 * UNIT)
    else:
        time.sleep(6 * UNIT)  # no await: the loop sleeps, too
#< asyncio


async def ticks_during(in_thread):
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(UNIT)
            ticks += 1

    ticker = asyncio.create_task(tick())
    await asyncio.sleep(UNIT / 2)
    before = ticks
    await call(in_thread)
    during = ticks - before
    ticker.cancel()
    return during


async def fails():
    raise ValueError("no such length")


async def results():
    got = await asyncio.gather(asyncio.sleep(2 * UNIT, "A"), fails(), asyncio.sleep(UNIT, "C"), return_exceptions=True)
    return [g if isinstance(g, str) else type(g).__name__ for g in got]


async def main():
    took = await timed(thousand())
    print(f"{TASKS} waits of {WAIT * 1000:.0f} ms on one thread: {took * 1000:.0f} ms")
    ended, got = await limit(), await results()
    blocked, free = await ticks_during(False), await ticks_during(True)
    print(f"time limit: {ended}\ngather: {got}")
    print(f"ticks during a blocking call: {blocked}; handed to a thread: {free}")
    return took >= WAIT and ended.startswith("cancelled") and got == ["A", "ValueError", "C"] and blocked == 0 and free > 0


sys.exit(0 if asyncio.run(main()) else 1)
