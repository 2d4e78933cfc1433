"""Dask: an array in chunks, a graph of tasks, threads that work on it."""
import peer
from input_sum_squares import squares


class Array(peer.Peer):
    name, kernel = "Dask array", "sum_squares"
    needs = {"dask": "python3-dask", "numpy": "python3-numpy"}

    def prepare(self):
        import dask
        import dask.array
        from multiprocessing.pool import ThreadPool
        dask.config.set(pool=ThreadPool(self.threads))
        x = dask.array.from_array(squares(self.seed, self.size), chunks=max(1, self.size // (4 * self.threads)))
        self.lazy = (x * x).sum()

    def run(self):
        self.sum = float(self.lazy.compute())

    def check(self):
        return self.sum


peer.main(Array)
