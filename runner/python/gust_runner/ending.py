"""Writes what is held back, however the process ends."""
import atexit
import io
import os
import signal
import sys


def flush_at_any_end(outbox):
    """Sees to it that nothing that the component said is lost but by SIGKILL."""
    atexit.register(outbox.flush_last)
    flush_before_os_exit(outbox)
    flush_at_sigterm(outbox)
    os.register_at_fork(
        before=outbox.acquire,
        after_in_parent=outbox.release,
        after_in_child=outbox.forked,
    )


def flush_before_os_exit(outbox):
    """os._exit runs no exit handlers. pystorm calls it while other threads are alive."""
    stock = os._exit

    def _exit(status):
        outbox.flush_last()
        stock(status)

    os._exit = _exit


def flush_at_sigterm(outbox):
    """Dies of SIGTERM as a process does that has no handler, only a flush later."""
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return  # somebody wants it ignored

    def die():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)

    def handler(signum, frame):
        outbox.flush_last()
        outbox.when_flushed(die)

    signal.signal(signal.SIGTERM, handler)


class _Stdout(io.RawIOBase):
    """What a component prints goes where pystorm lets it go, but never into the
    middle of a message."""

    def __init__(self, outbox, fd, lock):
        self._outbox, self._fd, self._lock = outbox, fd, lock

    def writable(self):
        return True

    def fileno(self):
        return self._fd

    def write(self, data):
        with self._lock:
            self._outbox.flush()
            return os.write(self._fd, data)


def keep_prints_apart(outbox, lock):
    """Replaces sys.stdout, which would write to the same pipe on its own."""
    stock = sys.stdout
    stock.flush()
    raw = _Stdout(outbox, stock.fileno(), lock)
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stock.encoding,
        errors=stock.errors,
        line_buffering=stock.line_buffering,
    )
