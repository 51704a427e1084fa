"""Writes the messages that are held back, however the process ends."""
import atexit
import os
import signal

from .pipes import flush_prints


def flush_at_any_end(outbox):
    """Ensures that only SIGKILL can lose a message of the component."""
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
        flush_prints()
        outbox.flush_last()
        stock(status)

    os._exit = _exit


def flush_at_sigterm(outbox):
    """SIGTERM kills the process as without a handler, after a flush."""
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return  # the component handles or ignores it

    def die():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)

    def handler(signum, frame):
        flush_prints()
        outbox.flush_last()
        outbox.when_flushed(die)

    signal.signal(signal.SIGTERM, handler)
