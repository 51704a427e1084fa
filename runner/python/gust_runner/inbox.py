"""Messages that the host has sent and the component has not taken yet."""
from itertools import repeat

from pystorm.exceptions import StormWentAwayError

CHUNK = 1 << 16  # what a pipe holds: more brings no more, and costs memory
_NONE = object()


class Inbox:
    """Reads a chunk and decodes all its messages at once.

    A message may be a pack: many tuples, or many commands. `rows` is the rest of the
    current pack: pairs of a tuple's id and values, or of a command and its id. Any
    other message counts as a pack of one.

    Both the messages and the rows are iterators: a caller may stop in the middle, also
    by an exception, and the next caller continues from there.
    """

    def __init__(self, read, decoder, outbox, unsendable, lock):
        self.rows = iter(())
        self._head = None  # the message that has the rows
        self._messages = iter(())
        self._read = read
        self._decoder = decoder
        self._outbox = outbox
        self._unsendable = unsendable
        self._lock = lock
        self._begun = False

    def take(self):
        """Waits for the next message, and returns it by itself."""
        with self._lock:
            while True:
                for first, second in self.rows:
                    return alone(self._head, first, second)
                message = self._next()
                if type(message) is list or "pidDir" in message:
                    return message
                self.hand(message)

    def turn(self, pending, task_ids):
        """Waits for the next message, which may be a pack, and returns it.

        Messages that pystorm has read while it waited for task ids come first. Lists of
        task ids go where pystorm looks for them.
        """
        if self._unsendable.owed:
            self._unsendable.settle()
        with self._lock:
            while True:
                message = pending.popleft() if pending else self._next()
                if type(message) is not list:
                    return message
                task_ids.append(message)

    def hand(self, message):
        """Makes a message the current one."""
        self.rows, self._head = pairs(message), message

    def _next(self):
        while True:
            message = next(self._messages, _NONE)
            if message is not _NONE:
                return message
            self._fill()

    def _fill(self):
        """Waits for messages, after it has written all of the component's."""
        self._outbox.hold(False)
        try:
            chunk = self._read()
        finally:
            # The first message is the handshake: the host waits for the answer, and
            # the user for the output of a slow initialize.
            self._outbox.hold(self._begun)
        if not chunk:
            raise StormWentAwayError()
        messages = self._decoder.decode(chunk)
        self._begun = self._begun or bool(messages)
        self._messages = iter(messages)


def pairs(message):
    """The rows of a message."""
    if "tuples" in message:
        flat = iter(message["tuples"])
        return zip(flat, flat)
    if "tuple" in message:
        return iter([(message["id"], message["tuple"])])
    name = message.get("command")
    if "times" in message:
        return repeat((name, None), message["times"])
    if "ids" in message:
        return zip(repeat(name), message["ids"])
    return iter([(name, message.get("id"))])


def alone(pack, first, second):
    """A row of a pack as a message by itself."""
    if "tuples" in pack:
        return {
            "id": first, "comp": pack["comp"], "stream": pack["stream"], "task": pack["task"], "tuple": second,
        }
    if "ids" in pack or "times" in pack:
        return {"command": first, "id": second}
    return pack
