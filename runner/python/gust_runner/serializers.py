"""pystorm's serializers, with an inbox and an outbox in place of reading line by
line and a flush for each message."""
import importlib
import io
import logging
import os

from pystorm import component as pystorm_component
from pystorm.serializers.serializer import Serializer

from .inbox import CHUNK, Inbox
from .outbox import BUFFER, Outbox

log = logging.getLogger("pystorm.serializers.serializer")

_CODECS = {"json": ".jsontext", "msgpack": ".msgpackbytes"}


def fast_serializer(name):
    """A subclass of pystorm's serializer of that name."""
    stock = pystorm_component._SERIALIZERS[name]
    codec = importlib.import_module(_CODECS[name], __package__)

    class FastSerializer(stock):
        def __init__(self, input_stream, output_stream, reader_lock, writer_lock):
            # Not stock's own: it wraps the streams.
            Serializer.__init__(self, input_stream, output_stream, reader_lock, writer_lock)
            self.codec = codec
            self.outbox = Outbox(self.writer(output_stream), writer_lock, codec.join)
            self.inbox = Inbox(self.reader(input_stream), codec.Decoder(), self.outbox, reader_lock)
            self.output_stream = self.outbox.stream

        @staticmethod
        def reader(stream):
            """A function that waits for input and returns what there is, b"" at its end."""
            fd = stream.fileno()
            return lambda: os.read(fd, CHUNK)

        @staticmethod
        def writer(stream):
            """A stream that writes all that it is given with one system call.

            Python's own buffer knows what is unwritten when a signal handler
            raises in the middle; a loop around os.write could not.
            """
            raw = io.FileIO(stream.fileno(), "w", closefd=False)
            return io.BufferedWriter(raw, BUFFER)

        def read_message(self):
            return self.inbox.take()

        def send_message(self, msg_dict):
            try:
                part = codec.message(msg_dict)
            except Exception:
                part = None
            if part is None:
                try:
                    part = self.serialize_dict(msg_dict)
                except:  # noqa: E722 - as pystorm: what cannot be sent does not end the component
                    log.exception("Failed to send message: %r", msg_dict)
                    return
            self.outbox.add(part)

    FastSerializer.__name__ = FastSerializer.__qualname__ = "Fast" + stock.__name__
    return FastSerializer


def put_in_place(name, streams):
    """Lets the next component that is made use a fast serializer.

    Only the first one that is made on the given pair of streams does. What else
    a component may make of pystorm's classes is no business of the host's, or
    shares the conversation: it gets the same serializer.
    """
    stock, fast, made = pystorm_component._SERIALIZERS[name], fast_serializer(name), []

    def serializer(input_stream, output_stream, reader_lock, writer_lock):
        if (input_stream, output_stream) != streams:
            return stock(input_stream, output_stream, reader_lock, writer_lock)
        if not made:
            made.append(fast(input_stream, output_stream, reader_lock, writer_lock))
        return made[0]

    pystorm_component._SERIALIZERS[name] = serializer
    return fast
