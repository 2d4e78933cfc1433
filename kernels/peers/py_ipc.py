"""multiprocessing's Pipe and Queue: messages to a child and back, as kernels/ipc.c sends them."""
import struct
import peer
from input_ipc import begin_message, first_message, look_at, look_at_all
from peer import MASK


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
        self.source = first_message(self.seed, self.bytes)
        receive, send = self.connect(context)
        self.child = context.Process(target=child_of, args=(receive, send, self.size, self.stream), daemon=True)
        self.child.start()

    def run(self):
        message, up = self.source, 0
        send, receive = self.send, self.receive
        send(b"run")
        for i in range(self.size):
            begin_message(message, self.seed, i)
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
