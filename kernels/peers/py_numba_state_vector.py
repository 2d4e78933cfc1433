"""numba: a quantum circuit gate by gate, prange over the pairs of amplitudes."""
import peer


class Circuit(peer.Peer):
    name, kernel = "numba prange", "state_vector"
    needs = {"numba": "python3-numba", "numpy": "python3-numpy"}

    def prepare(self):
        import numba
        import numpy as np
        numba.set_num_threads(self.threads)

        @numba.njit(parallel=True)
        def hadamard(psi, bit):
            s = 0.5**0.5
            for i in numba.prange(psi.size // 2):
                k = 2 * i - (i & (bit - 1))
                a, b = psi[k], psi[k + bit]
                psi[k] = (a + b) * s
                psi[k + bit] = (a - b) * s

        @numba.njit(parallel=True)
        def cnot(psi, bit, control):
            for i in numba.prange(psi.size // 2):
                k = 2 * i - (i & (bit - 1))
                if k & control:
                    a = psi[k]
                    psi[k] = psi[k + bit]
                    psi[k + bit] = a

        self.numpy, self.hadamard, self.cnot = np, hadamard, cnot
        self.qubits = max(self.size.bit_length() - 1, 0)
        self.psi = np.ones(1 << self.qubits if self.size else 0, np.complex128)
        self.gates = [self.gate(g) for g in range(int(self.param("gates", 100)) if self.qubits else 0)]
        small = np.ones(8, np.complex128)
        hadamard(small, 1)
        cnot(small, 1, 2)

    def gate(self, g):
        """Number g of kernels/state_vector.c: target and control, 0 for none."""
        r, q = peer.rng_one(self.seed, g), self.qubits
        target = (r & 0xffffff) % q
        if r >> 63 and q > 1:
            return 1 << target, 1 << (target + 1 + (r >> 24 & 0xffffff) % (q - 1)) % q
        return 1 << target, 0

    def reset(self):
        self.psi[:] = 0
        self.psi[:1] = 1

    def run(self):
        for target, control in self.gates:
            if control:
                self.cnot(self.psi, target, control)
            else:
                self.hadamard(self.psi, target)

    def check(self):
        total = 0.0
        for first in range(0, self.psi.size, 1 << 20):
            part = self.psi[first:first + (1 << 20)]
            weight = (peer.rng_at(self.seed, first, part.size) >> self.numpy.uint64(11)) * 2.0**-53
            total += float(((part.real**2 + part.imag**2) * weight).sum())
        return total


peer.main(Circuit)
