"""Messages of the component that the host has not been sent yet."""
import time
from _thread import allocate_lock, start_new_thread

from pystorm.exceptions import StormWentAwayError

MANY = 512  # the most messages to hold back
LONG = 1 << 14  # bytes: a message of this length is not held back
LATE = 0.005  # seconds between two looks of the flusher: it writes what it sees twice
BUFFER = 1 << 18


class Outbox:
    """Holds messages back while the component has more to do, and writes them together.

    `said` is the codec for messages, and the list of those that wait. A caller that
    appends to the list compares its length with `limit`, and flushes above it. The limit
    is 0 while the component waits for input, so that messages of other threads are
    written at once. If the component works on one tuple for long, a thread writes the
    messages after 5 to 10 ms. That thread is not one of Python's threading module, where
    pystorm looks for the user's threads when it exits.
    """

    def __init__(self, stream, lock, codec):
        self.limit = 0
        self.stream = stream
        self._queues = []
        self.speak(codec)
        self._lock = lock
        self._busy = False
        self._unsent = False
        self._flushes = 0
        self._on_flushed = None
        self._awake = False
        self._wake = None

    def speak(self, codec):
        """Changes the encoding of messages from now on.

        They get a new list: a thread may be about to append a message in the old encoding.
        """
        parts = []
        self._queues.append((codec, parts))
        self.said = codec, parts

    def add(self, parts, part):
        """Adds an encoded message to its codec's list."""
        parts.append(part)
        if len(parts) > self.limit or len(part) > LONG:
            self.flush()

    def _waits(self):
        """Whether there is anything to write."""
        return self._unsent or any(parts for _, parts in self._queues)

    def hold(self, hold):
        """Holds messages back from now on; or stops that, and writes them."""
        if not hold:
            # In this order: what another thread adds now is written either by the
            # flush here, or by that thread, which sees the limit.
            self.limit = 0
            self.flush()
            return
        self.limit = MANY
        if not self._awake:
            self._awake = True
            if self._wake is None:
                self._wake = allocate_lock()
                start_new_thread(self._flush_late, (self._wake,))
            else:
                self._wake.release()

    def flush(self):
        """Writes all messages. Raises StormWentAwayError if the host has closed the pipe."""
        if not self._waits():
            return
        with self._lock:
            # In a signal handler that has interrupted a flush: that flush continues.
            if self._busy:
                return
            self._busy = True
            try:
                while self._waits():
                    for codec, parts in self._queues:
                        self._write(codec, parts)
            except OSError:
                self._forget()
                raise StormWentAwayError()
            finally:
                self._busy = False
        if self._on_flushed is not None:
            self._on_flushed()

    def _forget(self):
        for _, parts in self._queues:
            parts.clear()
        self._unsent = False

    def _write(self, codec, parts):
        count = len(parts)
        data = codec.join(parts[:count]) if count else b""
        self._unsent = True
        del parts[:count]
        self.stream.write(data)
        self.stream.flush()
        self._unsent = False
        self._flushes += 1

    def flush_last(self):
        """Flushes if possible; the process is about to end."""
        if not self._lock.acquire(timeout=1):
            return  # another thread is in a write that the host does not read
        try:
            self.flush()
        except StormWentAwayError:
            pass
        finally:
            self._lock.release()

    def when_flushed(self, then):
        """Calls `then` now, or after the flush that a signal handler has interrupted."""
        if self._busy:
            self._on_flushed = then
        else:
            then()

    def acquire(self):
        """Before a fork: neither process may have the other's messages."""
        self._lock.acquire()
        try:
            self.flush()
        except StormWentAwayError:
            pass

    def release(self):
        """After a fork, in the parent."""
        self._lock.release()

    def forked(self):
        """After a fork, in the child: it has no flusher, so it holds nothing back."""
        self._forget()
        self._awake, self._wake = True, allocate_lock()
        self.hold = lambda hold: Outbox.hold(self, False)
        self.limit = 0
        self._lock.release()

    def _flush_late(self, wake):
        while True:
            seen, idle = self._flushes, 0
            while idle < 4:
                time.sleep(LATE)
                if seen != self._flushes:
                    seen, idle = self._flushes, 0
                elif self._waits():
                    try:
                        self.flush()
                    except StormWentAwayError:
                        pass  # the component's own next flush raises it
                else:
                    idle += 1
            wake.acquire(False)
            self._awake = False
            # hold sets the limit before it looks whether this thread is awake: one
            # of the two sees the other.
            if self.limit == 0:
                wake.acquire()
