"""Map and reduce in Python: words counted by processes, then folded. Names of files may follow. --quick: a shorter text."""
import functools
import random
import sys
from collections import Counter
from multiprocessing import Pool

WORKERS = 2
QUICK = "--quick" in sys.argv[1:]
FILES = [name for name in sys.argv[1:] if not name.startswith("-")]


def made_up(words):
    dice = random.Random(7)
    return [" ".join(f"w{int(dice.paretovariate(1))}" for _ in range(words // 8)).encode() for _ in range(8)]


def blocks_of(name, size=1 << 20):
    """Blocks that end with a word: the file is never in memory as a whole."""
    with open(name, "rb") as file:
        rest = b""
        while block := file.read(size):
            whole, blank, rest = (rest + block).rpartition(b" ") if b" " in block else (b"", b"", rest + block)
            yield whole
        yield rest


#> count
def count(block):
    """Map and combine: from a block of text to a Counter, which holds each word once."""
    return Counter(block.split())


def total(blocks):
    with Pool(WORKERS) as pool:
        bags = pool.imap(count, blocks)  # imap takes the blocks one by one
        return functools.reduce(add, bags, Counter())  # Pool has map, but no reduce


def add(one, other):
    one.update(other)  # the counts are added
    return one
#< count


#> fold
def fold(operation, numbers, workers):
    """Each worker folds its share, then the results are folded."""
    each = len(numbers) // workers
    shares = [numbers[i:i + each] for i in range(0, len(numbers), each)]
    return functools.reduce(operation, (functools.reduce(operation, share) for share in shares))
#< fold


def main():
    if FILES:
        blocks, check = (b for name in FILES for b in blocks_of(name)), None
    else:
        blocks = made_up(40_000 if QUICK else 1_000_000)
        check = Counter(b" ".join(blocks).split())
    bag = total(blocks)
    print(f"{sum(bag.values())} words, {len(bag)} different")
    for word, times in bag.most_common(3):
        print(f"{times:9}  {word.decode(errors='replace')}")
    for name, operation in (("a + b", lambda a, b: a + b), ("a - b", lambda a, b: a - b), ("(a + b) / 2", lambda a, b: (a + b) / 2)):
        print(f"{name:12}", *(f"{fold(operation, [50, 8, 7, 6, 5, 4, 3, 2], p):8.2f}" for p in (1, 2, 4)))
    return 0 if check in (None, bag) else 1


if __name__ == "__main__":  # a worker may import this file again
    sys.exit(main())
