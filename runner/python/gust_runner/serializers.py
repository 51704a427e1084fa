"""pystorm's serializers, with an inbox and an outbox in place of line by line
reading and a flush for each message."""
import importlib
import logging

from pystorm import component as pystorm_component
from pystorm.serializers.serializer import Serializer

from .inbox import Inbox, reader_of
from .outbox import Outbox, writer_of

log = logging.getLogger("pystorm.serializers.serializer")

_CODECS = {"json": ".jsontext", "msgpack": ".msgpackbytes"}


def fast_serializer(name):
    """A subclass of pystorm's serializer of that name."""
    stock = pystorm_component._SERIALIZERS[name]
    codec = importlib.import_module(_CODECS[name], __package__)

    class FastSerializer(stock):
        def __init__(self, input_stream, output_stream, reader_lock, writer_lock):
            # Not stock's: it would wrap the streams, or keep a reader of its own.
            Serializer.__init__(self, input_stream, output_stream, reader_lock, writer_lock)
            self.codec = codec
            self.outbox = Outbox(writer_of(output_stream), writer_lock, codec.join)
            self.inbox = Inbox(reader_of(input_stream), codec.Decoder(), self.outbox, reader_lock)
            self.output_stream = self.outbox.stream

        def read_message(self):
            return self.inbox.take()

        def send_message(self, msg_dict):
            try:
                part = self._encode(msg_dict)
            except IOError:
                raise
            except:  # noqa: E722 - as pystorm: nothing that cannot be sent ends the component
                log.exception("Failed to send message: %r", msg_dict)
                return
            self.outbox.add(part)

        def _encode(self, msg_dict):
            try:
                return codec.message(codec.encode(msg_dict))
            except Exception:
                return self.serialize_dict(msg_dict)

    FastSerializer.__name__ = FastSerializer.__qualname__ = "Fast" + stock.__name__
    return FastSerializer
