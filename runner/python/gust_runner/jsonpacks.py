"""JSON in packs: `{"pack": [...]}`, with many messages in it.

The most frequent messages have a short form: an ack is the tuple's id, a sync is 0, and
an emit is a list of its values, its anchors or id, its stream and its task, of which
the last ones may be missing.
"""
from .jsontext import END, encode, pieces, quote

MUCH = 1 << 16  # characters: a pack is at most this long, unless one message is longer
SYNC = "0"
ack = quote

_END = END.decode()


def message(msg_dict):
    """A message in its long form."""
    return encode(msg_dict)


def stock(text):
    """A message that pystorm has encoded."""
    return text[: -len(_END)]


def answer(command, tup_id):
    """An ack or a fail. Raises a TypeError unless the id is a string."""
    if command == "ack":
        return quote(tup_id)
    return f'{{"command": "{command}", "id": {quote(tup_id)}}}'


def reply(tup, tup_id):
    """A bolt's emit to the default stream, anchored to one tuple."""
    (text,) = pieces(tup, 0)
    return f"[{text},{quote(tup_id)}]"


def anchored_emit(tup, ids, stream, task):
    """A bolt's emit, its anchors being a list of ids."""
    return f"[{encode(tup)},{encode(ids)}{_rest(stream, task)}"


def identified_emit(tup, tup_id, stream, task):
    """A spout's emit."""
    (text,) = pieces(tup, 0)
    if stream is None and task is None:
        if tup_id is None:
            return f"[{text}]"
        if type(tup_id) is int:
            return f"[{text},{tup_id}]"
    return f"[{text},{encode(tup_id)}{_rest(stream, task)}"


def _rest(stream, task):
    if task is not None:
        return f",{encode(stream)},{encode(task)}]"
    if stream is not None:
        return f",{encode(stream)}]"
    return "]"


def join(parts):
    """The bytes for the given messages."""
    text = ",".join(parts)
    if len(text) > MUCH and len(parts) > 1:
        half = len(parts) // 2
        return join(parts[:half]) + join(parts[half:])
    return f'{{"pack":[{text}]}}{_END}'.encode()
