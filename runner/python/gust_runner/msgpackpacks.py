"""msgpack in packs: {"pack": [...]}, with many messages in it. See jsonpacks.py."""
import msgpack

from .msgpackbytes import answer as plain_answer
from .msgpackbytes import encode, message

__all__ = ["SYNC", "ack", "anchored_emit", "answer", "identified_emit", "join", "message", "reply", "stock"]

MUCH = 1 << 16  # bytes: a pack is at most this long, unless one message is longer
SYNC = encode(0)
ack = msgpack.Packer().pack  # of strings, which have no methods that could call it recursively

_HEAD = b"\x81" + encode("pack") + b"\xdd"


def stock(data):
    """A message that pystorm has encoded."""
    return data


def answer(command, tup_id):
    """An ack or a fail. Raises a TypeError unless the id is a string."""
    if command == "ack" and type(tup_id) is str:
        return ack(tup_id)
    return plain_answer(command, tup_id)


def reply(tup, tup_id):
    """A bolt's emit to the default stream, anchored to one tuple. Raises a TypeError unless the id is a string."""
    if type(tup_id) is not str:
        raise TypeError("the id is not a string")
    return encode((tup, tup_id))


def anchored_emit(tup, ids, stream, task):
    """A bolt's emit, its anchors being a list of ids."""
    if stream is None and task is None:
        return encode((tup, ids))
    return encode((tup, ids, stream, task))


identified_emit = anchored_emit  # a spout's, with an id in place of the anchors


def join(parts):
    """The bytes for the given messages."""
    data = b"".join(parts)
    if len(data) > MUCH and len(parts) > 1:
        half = len(parts) // 2
        return join(parts[:half]) + join(parts[half:])
    return b"".join((_HEAD, len(parts).to_bytes(4, "big"), data))
