"""What a message of kernels/ipc.c holds, and how both ends prove that they have read it."""
from peer import MASK, rng_one

SAMPLES = 16


def first_message(seed, n):
    return bytearray((rng_one(seed ^ 1, i) & 255) for i in range(n))


def begin_message(message, seed, i):
    """Message i differs from the others in its first eight bytes."""
    first = min(len(message), 8)
    message[:first] = rng_one(seed, i).to_bytes(8, "little")[:first]


def word_at(message, i):
    return int.from_bytes(message[8 * i:8 * i + 8], "little")


def words(n):
    return (n + 7) // 8


def look_at(total, message, i):
    n = words(len(message))
    count = min(n, SAMPLES)
    part = word_at(message, 0)
    for k in range(count):
        part += word_at(message, (i + k * (n // count)) % n)
    return (total + part * (2 * i + 1)) & MASK


def look_at_all(total, message):
    for k in range(words(len(message))):
        total += word_at(message, k) * (2 * k + 1)
    return total & MASK
