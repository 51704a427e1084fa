"""JSON: messages to and from text.

simplejson is the reference, because pystorm uses it: it decodes here, too, but many
messages in one call. The C code of the standard library encodes, with the same result
for all that it accepts. pystorm encodes the rest (Decimal, bytes, NaN) with simplejson.
"""
import logging
from json.encoder import c_make_encoder, encode_basestring_ascii

import simplejson

log = logging.getLogger("pystorm.serializers.json_serializer")

END = b"\nend\n"
MUCH = 1 << 13  # bytes of a chunk if a component is busy
SYNC = '{"command": "sync"}\nend\n'

quote = encode_basestring_ascii


def _refuse(value):
    raise TypeError("{} is for simplejson".format(type(value).__name__))


def _encoder():
    """The C code of json.JSONEncoder: a function of a value and 0 that returns its JSON in pieces."""
    try:
        made = c_make_encoder(None, _refuse, quote, None, ": ", ", ", False, False, False)
        if "".join(made([1, "a"], 0)) == '[1, "a"]':
            return made
    except Exception:
        pass  # this Python does not have it, or under another name
    return lambda value, indent: _refuse(value)


pieces = _encoder()


def encode(value):
    """A value as JSON. Raises an Exception if simplejson must decide."""
    return "".join(pieces(value, 0))


def message(msg_dict):
    """A message as it is sent."""
    return encode(msg_dict) + "\nend\n"


def stock(text):
    """A message that pystorm has encoded."""
    return text


def ack(tup_id):
    """An ack. Raises a TypeError unless the id is a string."""
    return f'{{"command": "ack", "id": {quote(tup_id)}}}\nend\n'


def answer(command, tup_id):
    """An ack or a fail. Raises a TypeError unless the id is a string."""
    return f'{{"command": "{command}", "id": {quote(tup_id)}}}\nend\n'


def reply(tup, tup_id):
    """A bolt's emit to the default stream, anchored to one tuple."""
    return (
        f'{{"command": "emit", "tuple": {"".join(pieces(tup, 0))}, '
        f'"anchors": [{quote(tup_id)}], "need_task_ids": false}}\nend\n'
    )


def anchored_emit(tup, ids, stream, task):
    """A bolt's emit, its anchors being a list of ids."""
    return f'{{"command": "emit", "tuple": {encode(tup)}, "anchors": {encode(ids)}{_rest(stream, task)}'


def identified_emit(tup, tup_id, stream, task):
    """A spout's emit."""
    head = f'{{"command": "emit", "tuple": {"".join(pieces(tup, 0))}'
    if tup_id is not None:
        head += f', "id": {encode(tup_id)}'
    return head + _rest(stream, task)


def _rest(stream, task):
    if stream is None and task is None:
        return ', "need_task_ids": false}\nend\n'
    text = ""
    if stream is not None:
        text += f', "stream": {encode(stream)}'
    if task is not None:
        text += f', "task": {encode(task)}'
    return text + ', "need_task_ids": false}\nend\n'


def join(parts):
    """The bytes for the given messages."""
    return "".join(parts).encode()


class Decoder:
    """Finds the messages in chunks of input."""

    def __init__(self):
        self._rest = bytearray()
        self._loads = None

    def decode(self, chunk):
        """An iterator over the messages that this chunk completes.

        A message that is not JSON raises when its turn comes, as in pystorm.
        """
        rest = self._rest
        searched = max(0, len(rest) - len(END))
        rest += chunk
        end = rest.rfind(END, searched)
        if end < 0:
            return ()
        data = bytes(rest[:end])
        del rest[: end + len(END)]
        try:
            return self._load_all(b"[" + data.replace(END, b",") + b"]")
        except Exception:
            return OneByOne(data.split(END))

    def _load_all(self, data):
        """The values in a JSON array.

        msgspec rejects some JSON that simplejson accepts, but what both accept they
        decode alike. Its import pays off only if there is much to decode.
        """
        if self._loads is None and len(data) > MUCH:
            self._loads = msgspec_decoder() or simplejson.loads
        if self._loads is not None:
            try:
                return self._loads(data)
            except Exception:
                pass
        return simplejson.loads(data.decode())


def msgspec_decoder():
    """msgspec's function that decodes; None if msgspec is not installed, or so old (before
    0.17) that it turns integers beyond 64 bits into floats."""
    try:
        from msgspec.json import Decoder as MsgspecDecoder

        decode = MsgspecDecoder().decode
        if type(decode(b"36893488147419103232")) is int:
            return decode
    except Exception:
        pass
    return None


class OneByOne:
    """Decodes each message by itself, so that an error affects only that message."""

    def __init__(self, messages):
        self._messages = iter(messages)

    def __iter__(self):
        return self

    def __next__(self):
        text = next(self._messages).decode() + "\n"
        try:
            return simplejson.loads(text)
        except Exception:
            log.error("JSON decode error for message: %r", text, exc_info=True)
            raise
