"""numba: the plain loop in Python, compiled when it is first called, prange sharing it among threads."""
import peer
from input_sum_squares import squares


class Numba(peer.Peer):
    needs = {"numba": "python3-numba", "numpy": "python3-numpy"}

    def prepare(self):
        import numba
        numba.set_num_threads(self.threads)
        self.compile(numba)


class Sum(Numba):
    name, kernel = "numba prange", "sum_squares"
    fast = False

    def compile(self, numba):
        @numba.njit(parallel=True, fastmath=self.fast)
        def loop(x):
            total = 0.0
            for i in numba.prange(x.size):
                total += x[i] * x[i]
            return total

        self.loop, self.x = loop, squares(self.seed, self.size)
        loop(self.x[:100])

    def run(self):
        self.sum = self.loop(self.x)

    def check(self):
        return self.sum


class FastSum(Sum):
    name, fast = "numba prange fastmath", True


class Mandelbrot(Numba):
    name, kernel = "numba prange", "mandelbrot"

    def compile(self, numba):
        import numpy as np

        @numba.njit(parallel=True)
        def image(n, x0, y0, step, limit, count):
            for row in numba.prange(n):
                cy = y0 + row * step
                for column in range(n):
                    cx, x, y, k = x0 + column * step, 0.0, 0.0, 0
                    while k < limit and x * x + y * y <= 4.0:
                        x, y, k = x * x - y * y + cx, 2 * x * y + cy, k + 1
                    count[row, column] = k

        n = self.size
        self.count = np.ones((n, n), np.uint32)
        self.given = (n, -1.4 + 0.02 * peer.rng_unit(self.seed, 0), -1.05 + 0.02 * peer.rng_unit(self.seed, 1), 1.6 / max(n, 1),
                      int(self.param("iterations", 300)))
        self.image = image
        image(4, *self.given[1:4], 10, np.ones((4, 4), np.uint32))

    def run(self):
        self.image(*self.given, self.count)

    def check(self):
        return float(self.count.sum(dtype="u8"))


peer.main(Sum, FastSum, Mandelbrot)
