"""N bodies by numba: the loops as one writes them, compiled with fastmath and prange, as its manual shows."""
import math

import peer

DT, SOFT = 2.0**-10, 0.1


class Bodies(peer.Peer):
    name, kernel = "numba fastmath", "nbody"
    needs = {"numba": "python3-numba", "numpy": "python3-numpy"}

    def prepare(self):
        import numba
        import numpy as np

        @numba.njit(parallel=True, fastmath=True)
        def pulls(x, y, z, vx, vy, vz, m):
            for i in numba.prange(x.size):
                ax = ay = az = 0.0
                for j in range(x.size):
                    dx, dy, dz = x[j] - x[i], y[j] - y[i], z[j] - z[i]
                    r2 = dx * dx + dy * dy + dz * dz + SOFT * SOFT
                    pull = m[j] / (r2 * math.sqrt(r2))
                    ax += pull * dx
                    ay += pull * dy
                    az += pull * dz
                vx[i] += ax * DT
                vy[i] += ay * DT
                vz[i] += az * DT

        n = self.size
        numba.set_num_threads(self.threads)
        r = (peer.rng_at(self.seed, 0, 7 * n) >> np.uint64(11)).astype(np.float64).reshape(n, 7) * 2.0**-53
        self.start = np.ascontiguousarray(r[:, :6].T - 0.5)
        self.m = (0.5 + r[:, 6]) / max(n, 1)
        self.pulls, self.numpy = pulls, np
        few = self.start[:, :8].copy()
        pulls(*few, self.m[:8])

    def reset(self):
        self.now = self.start.copy()

    def run(self):
        for _ in range(self.param("steps", 1)):
            self.now[:3] += self.now[3:] * DT
            self.pulls(*self.now, self.m)

    def check(self):
        np = self.numpy
        weight = np.arange(self.size) % 64 + 1.0
        return (weight * (self.now[3:]**2).sum(axis=0)).sum()


peer.main(Bodies)
