"""msgpack: messages to and from bytes."""
from itertools import chain

import msgpack

_spare = [msgpack.Packer()]


def encode(value):
    """The bytes of a value.

    A packer must not be called while it packs, but a value's own methods could do that,
    or another thread while they run. So it is not in the list of spare ones meanwhile. A
    packer that has failed may have part of the value in it, and is not used again.
    """
    try:
        packer = _spare.pop()
    except IndexError:
        packer = msgpack.Packer()
    data = packer.pack(value)
    _spare.append(packer)
    return data


SYNC = msgpack.packb({"command": "sync"})
_ANSWERS = {
    name: b"\x82" + b"".join(map(msgpack.packb, ("command", name, "id")))
    for name in ("ack", "fail")
}
_EMIT = b"".join(map(msgpack.packb, ("command", "emit", "tuple")))
_ANCHORS, _ID, _STREAM, _TASK = map(msgpack.packb, ("anchors", "id", "stream", "task"))
_END = msgpack.packb("need_task_ids") + msgpack.packb(False)
_REPLY, _ANCHOR = b"\x84" + _EMIT, _ANCHORS + b"\x91"
_MAP = [bytes([0x80 + size]) for size in range(7)]


def message(msg_dict):
    """A message as it is sent."""
    return encode(msg_dict)


def stock(data):
    """A message that pystorm has encoded."""
    return data


def ack(tup_id):
    """An ack. Raises a TypeError unless the id is a string."""
    return answer("ack", tup_id)


def answer(command, tup_id):
    """An ack or a fail. Raises a TypeError unless the id is a string."""
    if type(tup_id) is not str:
        raise TypeError("the id is not a string")
    return _ANSWERS[command] + encode(tup_id)


def reply(tup, tup_id):
    """A bolt's emit to the default stream, anchored to one tuple."""
    return _REPLY + encode(tup) + _ANCHOR + encode(tup_id) + _END


def anchored_emit(tup, ids, stream, task):
    """A bolt's emit, its anchors being a list of ids."""
    size, rest = _rest(stream, task)
    return _MAP[4 + size] + _EMIT + encode(tup) + _ANCHORS + encode(ids) + rest


def identified_emit(tup, tup_id, stream, task):
    """A spout's emit."""
    size, rest = _rest(stream, task)
    if tup_id is not None:
        size, rest = size + 1, _ID + encode(tup_id) + rest
    return _MAP[3 + size] + _EMIT + encode(tup) + rest


def _rest(stream, task):
    size, data = 0, _END
    if task is not None:
        size, data = 1, _TASK + encode(task) + data
    if stream is not None:
        size, data = size + 1, _STREAM + encode(stream) + data
    return size, data


def join(parts):
    """The bytes for the given messages."""
    return b"".join(parts)


class Decoder:
    """Finds the messages in chunks of input."""

    def __init__(self):
        self._unpacker = msgpack.Unpacker()

    def decode(self, chunk):
        """An iterator over the messages that this chunk completes.

        A message that is not msgpack raises when its turn comes, as in pystorm, after
        those before it have been processed.
        """
        self._unpacker.feed(chunk)
        messages = []
        try:
            messages.extend(self._unpacker)
        except Exception as error:
            return chain(messages, _raising(error))
        return messages


def _raising(error):
    """An iterator that raises an error at once."""
    raise error
    yield
