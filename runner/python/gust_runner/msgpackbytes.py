"""msgpack: messages to and from bytes."""
import msgpack

PLAIN = frozenset((str, int, float, bool, bytes, type(None)))

_packer = msgpack.Packer()


def _renew():
    global _packer
    _packer = msgpack.Packer()


def encode(value):
    """The bytes of a value that packs no code of anybody's."""
    try:
        return _packer.pack(value)
    except BaseException:
        _renew()  # it may have kept a part of what it could not pack
        raise


def encode_tuple(tup):
    """The bytes of a tuple's values.

    A packer is not to be entered twice, which a value with methods of its own
    could do, or another thread while those run; such values get their own packer.
    """
    for value in tup:
        if type(value) not in PLAIN:
            return msgpack.packb(tup)
    return encode(tup)


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
    return msgpack.packb(msg_dict)


def answer(command, tup_id):
    """An ack or a fail. Raises a TypeError unless the id is a string."""
    if type(tup_id) is not str:
        raise TypeError("an id that is no string")
    return _ANSWERS[command] + encode(tup_id)


def reply(tup, tup_id):
    """A bolt's emit to the default stream, anchored to one tuple."""
    return _REPLY + encode_tuple(tup) + _ANCHOR + encode(tup_id) + _END


def anchored_emit(tup, ids, stream, task):
    """A bolt's emit, its anchors being a list of ids."""
    size, rest = _rest(stream, task)
    return _MAP[4 + size] + _EMIT + encode_tuple(tup) + _ANCHORS + encode_tuple(ids) + rest


def identified_emit(tup, tup_id, stream, task):
    """A spout's emit."""
    size, rest = _rest(stream, task)
    if tup_id is not None:
        size, rest = size + 1, _ID + msgpack.packb(tup_id) + rest
    return _MAP[3 + size] + _EMIT + encode_tuple(tup) + rest


def _rest(stream, task):
    size, data = 0, _END
    if task is not None:
        size, data = 1, _TASK + encode(task) + data
    if stream is not None:
        size, data = size + 1, _STREAM + encode(stream) + data
    return size, data


def join(parts):
    """What is written for the given messages."""
    return b"".join(parts)


class Decoder:
    """Takes the messages out of chunks of input."""

    def __init__(self):
        self._unpacker = msgpack.Unpacker()

    def decode(self, chunk):
        """An iterator over the messages that are complete with this chunk."""
        self._unpacker.feed(chunk)
        return iter(list(self._unpacker))
