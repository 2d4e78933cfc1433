"""multiprocessing's Pipe and Queue: messages to a child and back, as kernels/ipc.c sends them."""
import struct
import peer
from peer import MASK, rng_one

SAMPLES = 16


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


def child_of(receive, send, messages, stream):
    """Does what the kernel's child does, as often as it is told to."""
    while receive() == b"run":
        total, message = 0, b""
        for i in range(messages):
            message = receive()
            total = look_at(total, message, i)
            if not stream:
                send(message)
        if messages:
            total = look_at_all(total, message)
        send(struct.pack("<Q", total))


class Pipe(peer.Peer):
    name, kernel, workers = "multiprocessing.Pipe", "ipc", "one"
    needs = {"multiprocessing": "python3"}

    def connect(self, context):
        near, far = context.Pipe()
        self.send, self.receive = near.send_bytes, near.recv_bytes
        return far.recv_bytes, far.send_bytes

    def prepare(self):
        import multiprocessing
        context = multiprocessing.get_context("fork")
        self.bytes, self.stream = self.param("bytes", 64), self.param("stream", 0) > 0
        self.source = bytearray((rng_one(self.seed ^ 1, i) & 255) for i in range(self.bytes))
        receive, send = self.connect(context)
        self.child = context.Process(target=child_of, args=(receive, send, self.size, self.stream), daemon=True)
        self.child.start()

    def run(self):
        message, up = self.source, 0
        send, receive, first, seed = self.send, self.receive, min(self.bytes, 8), self.seed
        send(b"run")
        for i in range(self.size):
            message[:first] = rng_one(seed, i).to_bytes(8, "little")[:first]
            send(bytes(message))
            if not self.stream:
                up = look_at(up, receive(), i)
        self.down, self.up = struct.unpack("<Q", receive())[0], up

    def check(self):
        return float(((self.down + self.up) & MASK) >> 11)

    def close(self):
        self.send(b"end")
        self.child.join()


class Queue(Pipe):
    name = "multiprocessing.Queue"

    def connect(self, context):
        down, up = context.Queue(64), context.Queue(64)
        self.send, self.receive = down.put, up.get
        return down.get, up.put


peer.main(Pipe, Queue)
