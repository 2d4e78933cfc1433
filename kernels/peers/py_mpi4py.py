"""mpi4py: messages to another rank and back, as kernels/ipc.c sends them to a child; from buffers as they lie there, and pickled. The
peer starts itself again, as two ranks: mpirun hands its input on to rank 0."""
import ctypes
import os
import shutil
import signal
import sys
import time
import peer
from input_ipc import begin_message, first_message, look_at, look_at_all
from peer import MASK

MESSAGE, COMMAND = 1, 2


class Buffers(peer.Peer):
    name, kernel, workers = "mpi4py, buffers", "ipc", "one"
    needs = {"mpi4py": "python3-mpi4py"}

    @staticmethod
    def missing():
        return None if shutil.which("mpirun") else "mpirun is not here (package openmpi-bin)"

    def prepare(self):
        from mpi4py import MPI
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: a rank ends with its mpirun
        self.comm, self.byte = MPI.COMM_WORLD, MPI.BYTE
        self.bytes, self.stream = self.param("bytes", 64), self.param("stream", 0) > 0
        self.cores = os.sched_getaffinity(0)
        self.source, self.room = first_message(self.seed, self.bytes), bytearray(self.bytes)
        if self.comm.Get_rank() == 1:
            self.serve()
            sys.exit()

    def send(self, message, to):
        self.comm.Send([message, self.byte], dest=to, tag=MESSAGE)

    def receive(self, source):
        self.comm.Recv([self.room, self.byte], source=source, tag=MESSAGE)
        return self.room

    def serve(self):
        """Rank 1. It sleeps until it is called, so that it takes no time from others."""
        while self.called():
            total, message = 0, b""
            for i in range(self.size):
                message = self.receive(0)
                total = look_at(total, message, i)
                if not self.stream:
                    self.send(message, 0)
            if self.size:
                total = look_at_all(total, message)
            self.comm.send(total, dest=0, tag=COMMAND)

    def called(self):
        while not self.comm.Iprobe(source=0, tag=COMMAND):
            time.sleep(0.002)
        work = self.comm.recv(source=0, tag=COMMAND)
        self.spread()
        self.comm.send(work, dest=0, tag=COMMAND)
        return work

    def spread(self):
        """Ranks look at memory while they wait, each on a processor of its own, as the kernel's two processes do."""
        os.sched_setaffinity(0, self.cores)

    def reset(self):
        self.spread()
        self.comm.send(True, dest=1, tag=COMMAND)
        self.comm.recv(source=1, tag=COMMAND)  # it is awake

    def run(self):
        message, up = self.source, 0
        for i in range(self.size):
            begin_message(message, self.seed, i)
            self.send(message, 1)
            if not self.stream:
                up = look_at(up, self.receive(1), i)
        self.down, self.up = self.comm.recv(source=1, tag=COMMAND), up

    def check(self):
        return float(((self.down + self.up) & MASK) >> 11)

    def close(self):
        self.comm.send(False, dest=1, tag=COMMAND)
        self.comm.recv(source=1, tag=COMMAND)


class Pickled(Buffers):
    name = "mpi4py, pickled"

    def send(self, message, to):
        self.comm.send(bytes(message), dest=to, tag=MESSAGE)

    def receive(self, source):
        return self.comm.recv(source=source, tag=MESSAGE)


if sys.argv[1:] != ["--list"] and "OMPI_COMM_WORLD_RANK" not in os.environ and "PMI_RANK" not in os.environ:
    os.environ |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
                   "OMPI_MCA_hwloc_base_binding_policy": "none"}
    os.execvp("mpirun", ["mpirun", "-n", "2", sys.executable, *sys.argv])
peer.main(Buffers, Pickled)
