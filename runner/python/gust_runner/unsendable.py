"""Emits with values that the serializer does not know.

pystorm logs them, continues, and acks the tuple that the emit was anchored to: the tree
succeeds without the lost tuple. Here that ack is a fail.
"""
import sys

from pystorm import spout

from .places import place

# The most acks to turn into fails: a bolt may never ack a tuple.
MANY = 1 << 16


class Unsendable:
    """Fails the tuples that such an emit belongs to.

    `failed` has the ids of a bolt's tuples whose acks will be sent as fails: not earlier,
    since the bolt may still anchor tuples to them. `owed` has the ids whose failure the
    spout has not been notified of.
    """

    def __init__(self, serializer):
        self.component = None
        self.failed = set()
        self.owed = []
        self._serializer = serializer

    def emit(self, message):
        """Reports an emit that cannot be sent, and fails its tuples."""
        send = self._serializer.send_message
        send({"command": "error", "msg": self._explain(message)})
        if isinstance(self.component, spout.Spout):
            if message.get("id") is not None:
                self.owed.append(message["id"])
        else:
            for tup_id in message.get("anchors") or ():
                if type(tup_id) is str and tup_id not in self.failed:
                    if len(self.failed) >= MANY:
                        self._fail_all()
                    self.failed.add(tup_id)
        if self.component is not None and message.get("need_task_ids", True) and "task" not in message:
            # It went to no task: that is the answer to a caller that waits for the tasks.
            self.component._pending_task_ids.appendleft([])

    def answered(self, tup_id):
        """Whether a bolt's ack of a tuple must be a fail. True only once: an id may come again."""
        if tup_id not in self.failed:
            return False
        self.failed.discard(tup_id)
        return True

    def settle(self):
        """Fails a spout's tuples that could not be emitted, as the host would: between two commands."""
        owed, self.owed = self.owed, []
        for tup_id in owed:
            self.component.fail(tup_id)

    def _fail_all(self):
        late = list(self.failed)
        self.failed.clear()  # cleared, not replaced: the loops refer to it
        for tup_id in late:
            self._serializer.send_message({"command": "fail", "id": tup_id})

    def _explain(self, message):
        stream = message.get("stream") or "default"
        return 'cannot emit to the stream "{}": {} (at {})'.format(stream, self._fault(message, stream), place(sys._getframe()))

    def _fault(self, message, stream):
        values = message.get("tuple")
        for number, value in enumerate(values if isinstance(values, (list, tuple)) else ()):
            why = self._why_not(value)
            if why is not None:
                return "{} is a {}: {}".format(self._field(stream, number), _type(value), why)
        for name in ("id", "anchors", "stream", "task"):
            why = self._why_not(message.get(name))
            if why is not None:
                return "its {} is a {}: {}".format(name, _type(message[name]), why)
        return "it cannot be serialized"

    def _why_not(self, value):
        try:
            self._serializer.serialize_dict({"value": value})
        except Exception as error:
            return str(error) or type(error).__name__
        return None

    def _field(self, stream, number):
        try:
            return 'the field "{}"'.format(self.component.context["stream->outputfields"][stream][number])
        except Exception:
            return "value {}".format(number + 1)


def _type(value):
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else "{}.{}".format(kind.__module__, kind.__qualname__)
