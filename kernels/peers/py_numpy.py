"""numpy, as people use it: whole arrays, one thread but for what its BLAS does."""
import peer
from input_sum_squares import squares


class Numpy(peer.Peer):
    needs = {"numpy": "python3-numpy"}


class Dot(Numpy):
    name, kernel = "numpy dot", "sum_squares"

    def prepare(self):
        self.x = squares(self.seed, self.size)

    def run(self):
        self.sum = self.x.dot(self.x)

    def check(self):
        return self.sum


class Matmul(Numpy):
    name, kernel = "numpy @", "matmul"

    def prepare(self):
        import numpy as np
        n = self.size
        r = peer.rng_at(self.seed, 0, n * n)
        self.a = ((r & np.uint64(2047)) | np.uint64(1)).astype(np.float64).reshape(n, n) - 1024
        self.b = ((r >> np.uint64(32) & np.uint64(2047)) | np.uint64(1)).astype(np.float64).reshape(n, n) - 1024

    def run(self):
        self.c = self.a @ self.b

    def check(self):
        return peer.figure_whole(self.c)


class Sort(Numpy):
    name, kernel, workers = "numpy sort", "sort", "one"

    def prepare(self):
        self.input = peer.rng_at(self.seed, 0, self.size)
        distinct = int(self.param("distinct", 0))
        if distinct:
            self.input = peer.rng_of(~self.seed, self.input % distinct)

    def reset(self):
        self.x = self.input.copy()

    def run(self):
        self.x.sort()

    def check(self):
        return peer.figure_u64(self.x.view("u8"))


class SortDoubles(Sort):
    name, kernel = "numpy sort f64", "sort_f64"

    def prepare(self):
        import numpy as np
        super().prepare()
        self.input = (self.input >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1


peer.main(Dot, Matmul, Sort, SortDoubles)
