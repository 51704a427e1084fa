"""JSON: messages to and from text.

simplejson is the measure, for pystorm uses it: it decodes here too, only many
messages in one call. Encoding is left to the C code of the standard library,
which writes the same for all that it writes; what it does not know (Decimal,
bytes, NaN) is refused here, and then encoded by pystorm with simplejson.
"""
import logging
from json.encoder import c_make_encoder, encode_basestring_ascii

import simplejson

log = logging.getLogger("pystorm.serializers.json_serializer")

END = b"\nend\n"
SYNC = '{"command": "sync"}\nend\n'

quote = encode_basestring_ascii


def _refuse(value):
    raise TypeError("{} is left to simplejson".format(type(value).__name__))


if c_make_encoder is None:

    def encode(value):
        """Refuses all: this Python lacks the C code."""
        _refuse(value)


else:
    _encoder = c_make_encoder(None, _refuse, quote, None, ": ", ", ", False, False, False)

    def encode(value):
        """The text of a value. Raises an Exception where simplejson must decide."""
        return "".join(_encoder(value, 0))


def message(text):
    """The message with the given text, as it is sent."""
    return text + "\nend\n"


def answer(command, tup_id):
    """An ack or a fail. Raises a TypeError unless the id is a string."""
    return f'{{"command": "{command}", "id": {quote(tup_id)}}}\nend\n'


def anchored_emit(tup, ids, stream, task):
    """A bolt's emit, its anchors being a list of ids."""
    if len(ids) == 1 and type(ids[0]) is str:
        anchors = quote(ids[0])
    else:
        anchors = encode(ids)[1:-1]
    head = f'{{"command": "emit", "tuple": {encode(tup)}, "anchors": [{anchors}]'
    if stream is None and task is None:
        return head + ', "need_task_ids": false}\nend\n'
    return head + _rest(stream, task)


def identified_emit(tup, tup_id, stream, task):
    """A spout's emit."""
    head = f'{{"command": "emit", "tuple": {encode(tup)}'
    if tup_id is not None:
        head += f', "id": {encode(tup_id)}'
    if stream is None and task is None:
        return head + ', "need_task_ids": false}\nend\n'
    return head + _rest(stream, task)


def _rest(stream, task):
    text = ""
    if stream is not None:
        text += f', "stream": {encode(stream)}'
    if task is not None:
        text += f', "task": {encode(task)}'
    return text + ', "need_task_ids": false}\nend\n'


def join(parts):
    """What is written for the given messages."""
    return "".join(parts).encode()


class Decoder:
    """Takes the messages out of chunks of input."""

    def __init__(self):
        self._rest = bytearray()

    def decode(self, chunk):
        """An iterator over the messages that are complete with this chunk.

        A message that is no JSON raises when its turn comes, as pystorm does.
        """
        rest = self._rest
        searched = max(0, len(rest) - len(END))
        rest += chunk
        end = rest.rfind(END, searched)
        if end < 0:
            return iter(())
        data = bytes(rest[:end])
        del rest[: end + len(END)]
        try:
            return iter(simplejson.loads("[" + data.replace(END, b",").decode() + "]"))
        except Exception:
            return OneByOne(data.split(END))


class OneByOne:
    """Decodes each message by itself, so that an error is that message's alone."""

    def __init__(self, texts):
        self._texts = iter(texts)

    def __iter__(self):
        return self

    def __next__(self):
        text = next(self._texts).decode() + "\n"
        try:
            return simplejson.loads(text)
        except Exception:
            log.error("JSON decode error for message: %r", text, exc_info=True)
            raise
