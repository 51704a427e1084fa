import mmap
import os


class Tally:
    """What a component has done so far, for a benchmark to read while it runs.

    The numbers are the first two of fastchild.c's struct counts, in a mapped
    file: to count is to add, and takes a tenth of a microsecond.
    """

    def __init__(self, ctx):
        directory = os.environ.get("BENCH_DIR")
        if directory is None:
            self._counts = memoryview(bytearray(16)).cast("q")
            return
        name = f"{ctx['componentid']}-{os.getpid()}"
        with open(os.path.join(directory, name), "w+b") as file:
            file.truncate(16)
            self._counts = memoryview(mmap.mmap(file.fileno(), 16)).cast("q")

    def tuples(self):
        self._counts[0] += 1

    def acks(self):
        self._counts[1] += 1
