"""multiprocessing.Pool over numpy arrays: each worker has its slice from the fork, so nothing but a sum travels; and, as guides write
it, every slice pickled and sent along."""
import peer
from input_sum_squares import squares

array = None


def square_slice(bounds):
    part = array[bounds[0]:bounds[1]]
    return float(part.dot(part))


def square_array(part):
    return float(part.dot(part))


class Pool(peer.Peer):
    name, kernel = "Pool.map, forked slices", "sum_squares"
    needs = {"multiprocessing": "python3", "numpy": "python3-numpy"}

    def prepare(self):
        global array
        import multiprocessing
        array = self.x = squares(self.seed, self.size)
        p = self.threads
        self.slices = [(self.size * w // p, self.size * (w + 1) // p) for w in range(p)]
        self.pool = multiprocessing.get_context("fork").Pool(p)

    def run(self):
        self.sum = sum(self.pool.map(square_slice, self.slices))

    def check(self):
        return self.sum

    def close(self):
        self.pool.terminate()


class PickledPool(Pool):
    name = "Pool.map, pickled slices"

    def run(self):
        self.sum = sum(self.pool.map(square_array, [self.x[a:b] for a, b in self.slices]))


peer.main(Pool, PickledPool)
