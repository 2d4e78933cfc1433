"""The frame of a peer in Python: the command line and the lines in and out that README.md tells.

A peer is one file with classes and `peer.main(CLASS, ...)` at its end. Imports of what need not be installed go into the
methods: --list has to answer without them, and quickly."""
import importlib.metadata
import importlib.util
import json
import sys
import time

MASK = 2**64 - 1
GOLDEN, ONE, TWO = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


class Peer:
    name = kernel = ""   # "numpy dot", "sum_squares"
    workers = "any"      # "any": takes self.threads; "one": one thread only; "fixed": as many as it has by its nature
    params = {}          # those it is made for
    needs = {}           # module -> Debian package; the first one is the library, whose version is told

    @staticmethod
    def missing():
        """What else it needs and is not here, with the package; None: nothing."""

    def __init__(self, size, threads, seed, params):
        self.size, self.threads, self.seed, self.given = size, threads, seed, params

    def param(self, name, preset):
        return self.given.get(name, preset)

    def prepare(self):
        """The kernel's input, all memory, all workers, and a first small run (compilers at run time)."""

    def reset(self):
        """Before every run, untimed."""

    def run(self):
        """The whole work, timed."""

    def check(self):
        """The kernel's figure of the result, untimed."""

    def close(self):
        """At the end: workers."""


def rng_at(seed, first, n):
    """kernels/rng.h for the places first .. first + n - 1, as a numpy array."""
    import numpy as np
    return rng_of(seed, np.arange(first, first + n, dtype=np.uint64))


def rng_of(seed, places):
    """kernels/rng.h for an array of places."""
    import numpy as np
    z = places + np.uint64(1)
    z *= np.uint64(GOLDEN)
    z += np.uint64(seed & MASK)
    z ^= z >> np.uint64(30)
    z *= np.uint64(ONE)
    z ^= z >> np.uint64(27)
    z *= np.uint64(TWO)
    z ^= z >> np.uint64(31)
    return z


def rng_one(seed, index):
    z = (seed + (index + 1) * GOLDEN) & MASK
    z = ((z ^ (z >> 30)) * ONE) & MASK
    z = ((z ^ (z >> 27)) * TWO) & MASK
    return z ^ (z >> 31)


def rng_unit(seed, index):
    return (rng_one(seed, index) >> 11) * 2.0**-53


def figure_u64(x):
    """kernels/figure.h of a numpy array of 64-bit integers (of doubles: x.view(numpy.uint64))."""
    import numpy as np
    total = 0
    for first in range(0, x.size, 1 << 20):
        part = x.reshape(-1)[first:first + (1 << 20)].astype(np.uint64, copy=False)
        places = np.arange(first + 1, first + part.size + 1, dtype=np.uint64)
        total += int((part * places).sum(dtype=np.uint64))
    return float(rng_one(total & MASK, 0) >> 11)


def figure_whole(x):
    """Of doubles that are whole numbers."""
    import numpy as np
    whole = np.asarray(x).astype(np.int64)
    return figure_u64(whole.view(np.uint64)) if (whole == x).all() else None


def library(peer):
    for module, package in peer.needs.items():
        if importlib.util.find_spec(module) is None:
            return None, f"Python module {module} is not installed (package {package})"
    if peer.missing():
        return None, peer.missing()
    for module in peer.needs:
        try:
            return f"{module} {importlib.metadata.version(module)}", None
        except importlib.metadata.PackageNotFoundError:
            return module, None
    return "Python %d.%d" % sys.version_info[:2], None


def list_all(peers):
    for peer in peers:
        name, why = library(peer)
        line = {"peer": peer.name, "kernel": peer.kernel}
        line |= {"unavailable": why} if why else {"library": name, "workers": peer.workers, "params": peer.params}
        print(json.dumps(line))


def number(text):
    value = float(text)
    return int(value) if value.is_integer() else value


def main(*peers):
    if sys.argv[1:] == ["--list"]:
        return list_all(peers)
    names = [p for p in peers if [p.kernel, p.name] == sys.argv[1:3]]
    if not names:
        sys.exit(f"usage: {sys.argv[0]} --list | KERNEL NAME --size N --threads P --seed S [--PARAMETER VALUE]")
    given = {option[2:]: number(value) for option, value in zip(sys.argv[3::2], sys.argv[4::2])}
    peer = names[0](given.pop("size", 0), given.pop("threads", 1), given.pop("seed", 1), given)
    peer.prepare()
    print('{"ready":true}', flush=True)
    for line in sys.stdin:
        if line != "run\n":
            continue
        peer.reset()
        begin = time.perf_counter()
        peer.run()
        seconds = time.perf_counter() - begin
        check = peer.check()
        print(json.dumps({"seconds": seconds, "check": None if check is None else float(check)}), flush=True)
    peer.close()
