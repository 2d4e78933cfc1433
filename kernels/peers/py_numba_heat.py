"""Heat in a plate with numba, as its manual shows a parallel loop, and with numpy's whole arrays."""
import math

import peer


def plate(seed, n):
    """The kernel's start: four waves, a rim of zeros."""
    import numpy as np
    u = np.zeros((n + 2, n + 2))
    places = np.arange(1, n + 1, dtype=np.uint64)
    for wave in range(4):
        r = peer.rng_one(seed, wave)
        x, y = (np.sin(math.pi * (places * np.uint64(1 + k % max(n, 1)) % np.uint64(2 * n + 2)).astype(float) / (n + 1))
                for k in (r & 0xFFFFFF, r >> 40))
        u[1:-1, 1:-1] += (0.5 + peer.rng_unit(seed, 4 + wave)) * np.outer(y, x)
    return u


class Heat(peer.Peer):
    kernel = "heat"

    def prepare(self):
        import numpy as np
        self.sweeps = int(self.param("sweeps", 200))
        self.start = plate(self.seed, self.size)
        self.grid = [self.start.copy(), np.zeros_like(self.start)]
        self.compile()

    def compile(self):
        pass

    def reset(self):
        self.grid[0][:] = self.start

    def run(self):
        for s in range(self.sweeps):
            self.sweep(self.grid[s % 2], self.grid[(s + 1) % 2])

    def check(self):
        u = self.grid[self.sweeps % 2].ravel()
        return float(u @ u)


class Numba(Heat):
    name = "numba prange"
    needs = {"numba": "python3-numba", "numpy": "python3-numpy"}

    def compile(self):
        import numba
        numba.set_num_threads(self.threads)

        @numba.njit(parallel=True)
        def sweep(u, v):
            for i in numba.prange(1, u.shape[0] - 1):
                for j in range(1, u.shape[1] - 1):
                    v[i, j] = 0.5 * u[i, j] + 0.125 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])

        self.sweep = sweep
        sweep(self.grid[0], self.grid[1])


class Numpy(Heat):
    name, workers = "numpy slices", "one"
    needs = {"numpy": "python3-numpy"}

    def sweep(self, u, v):
        v[1:-1, 1:-1] = 0.5 * u[1:-1, 1:-1] + 0.125 * (u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:])


peer.main(Numba, Numpy)
