"""joblib: the loop over slices that scikit-learn runs, by threads (numpy gives up the lock while it adds) and by processes, to which
joblib hands a large array as a file in memory."""
import peer
from input_sum_squares import squares


def square_slice(x, first, last):
    part = x[first:last]
    return float(part.dot(part))


class Threads(peer.Peer):
    name, kernel = "joblib threads", "sum_squares"
    needs = {"joblib": "python3-joblib", "numpy": "python3-numpy"}
    backend = "threading"

    def prepare(self):
        import joblib
        self.x = squares(self.seed, self.size)
        p = self.threads
        bounds = [self.size * w // p for w in range(p + 1)]
        self.calls = [joblib.delayed(square_slice)(self.x, a, b) for a, b in zip(bounds, bounds[1:])]
        self.parallel = joblib.Parallel(n_jobs=p, backend=self.backend)
        self.parallel.__enter__()
        self.run()

    def run(self):
        self.sum = sum(self.parallel(self.calls))

    def check(self):
        return self.sum

    def close(self):
        self.parallel.__exit__(None, None, None)


class Processes(Threads):
    name, backend = "joblib processes", "loky"


peer.main(Threads, Processes)
