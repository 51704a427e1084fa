"""The two pipes to the host, and what replaces them as stdin and stdout."""
import io
import os
import sys


class Pipes:
    """The descriptors of the protocol: `input` and `output`.

    They are stdin and stdout until `move` gives them other numbers. After that, a print,
    a C library or a subprocess that writes to descriptor 1 writes to stderr, which the
    host logs line by line. A reader of descriptor 0 (input(), a debugger) finds the end
    of the input instead of tuples. No other program inherits the pipes.
    """

    def __init__(self):
        self.input, self.output = 0, 1
        self._stock = sys.stdin, sys.stdout

    def move(self):
        """Moves the protocol away from descriptors 0 and 1."""
        sys.stdout.flush()
        self.input, self.output = os.dup(0), os.dup(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)
        sys.stdout = sys.__stdout__ = _printed(self._stock[1])

    def put_back(self):
        """Makes stdin and stdout the protocol's again, for a class that speaks it itself."""
        if self.output == 1:
            return
        sys.stdout.flush()
        for moved, fd in ((self.input, 0), (self.output, 1)):
            os.dup2(moved, fd)
            os.close(moved)
        self.input, self.output = 0, 1
        sys.__stdout__ = self._stock[1]
        if isinstance(getattr(sys.stdout, "buffer", None), _Lines):
            sys.stdout = self._stock[1]

    def are(self, input_stream, output_stream):
        """Whether a component that is made on these streams talks to the host."""
        stdin, stdout = self._stock
        return input_stream in (stdin, sys.stdin) and output_stream in (stdout, sys.stdout)


class _Lines(io.BufferedWriter):
    """Writes each line at once, in text and in bytes."""

    def write(self, data):
        n = super().write(data)
        if b"\n" in bytes(data):
            self.flush()
        return n


def _printed(stdout):
    """A stdout that writes each line at once. A line of print is one system call."""
    return io.TextIOWrapper(
        _Lines(io.FileIO(1, "w", closefd=False)),
        encoding=stdout.encoding,
        errors=stdout.errors,
        line_buffering=True,
    )


def flush_prints():
    """Writes what was printed without a line feed, if possible."""
    try:
        sys.stdout.flush()
    except Exception:
        pass  # a signal has interrupted a print, or the pipe is closed
