"""What the host has sent and the component has not taken yet."""
from operator import length_hint

from pystorm.exceptions import StormWentAwayError

CHUNK = 1 << 16  # what a pipe holds: more brings no more, and costs memory


class Inbox:
    """Reads a chunk and takes all its messages apart at once.

    `messages` is an iterator: whoever takes from it may stop in the middle, or
    be stopped by an exception, and the next one goes on from there.
    """

    def __init__(self, read, decoder, outbox, lock):
        self.messages = iter(())
        self._read = read
        self._decoder = decoder
        self._outbox = outbox
        self._lock = lock
        self._begun = False

    def take(self):
        """The next message; waits for it."""
        with self._lock:
            while True:
                for message in self.messages:
                    return message
                self.fill()

    def fill(self):
        """Waits for messages. To be called when there are none.

        All that the component has said is on its way before this waits.
        """
        with self._lock:
            if length_hint(self.messages):
                return  # another thread has waited before
            self._outbox.hold(False)
            try:
                chunk = self._read()
            finally:
                # The first message is the handshake: the host waits for the answer,
                # and whoever looks on for what an initialize that takes long says.
                self._outbox.hold(self._begun)
            if not chunk:
                raise StormWentAwayError()
            self.messages = self._decoder.decode(chunk)
            self._begun = self._begun or length_hint(self.messages) > 0
