"""numpy, as people use it: whole arrays, one thread but for what its BLAS does."""
import peer
from input_sum_squares import squares


class Dot(peer.Peer):
    name, kernel = "numpy dot", "sum_squares"
    needs = {"numpy": "python3-numpy"}

    def prepare(self):
        import numpy
        self.numpy, self.x = numpy, squares(self.seed, self.size)

    def run(self):
        self.sum = self.numpy.dot(self.x, self.x)

    def check(self):
        return self.sum


peer.main(Dot)
