"""The input of the kernel sum_squares, for its peers in Python."""
import peer


def squares(seed, size):
    import numpy as np
    x = np.empty(size)
    for first in range(0, size, 1 << 20):
        r = peer.rng_at(seed, first, min(1 << 20, size - first))
        part = ((r & np.uint64(1023)) | np.uint64(1)).astype(np.float64) * 2.0**-10
        x[first:first + r.size] = np.where(r >> np.uint64(63), -part, part)
    return x
