"""pystorm's serializers, with an inbox and an outbox instead of one read for each line and
one flush for each message."""
import importlib
import io
import logging
import os

from pystorm import component as pystorm_component
from pystorm.serializers.serializer import Serializer

from .inbox import CHUNK, Inbox
from .outbox import BUFFER, Outbox
from .unsendable import Unsendable

log = logging.getLogger("pystorm.serializers.serializer")

# The codecs for single messages, and for packs.
_CODECS = {"json": (".jsontext", ".jsonpacks"), "msgpack": (".msgpackbytes", ".msgpackpacks")}
PACKS, OFFER = 1, "gust.packs"
ANSWERS = ("ack", "fail")


def fast_serializer(name, pipes=None):
    """A subclass of pystorm's serializer of that name that uses the pipes."""
    stock = pystorm_component._SERIALIZERS[name]
    codec, packs = _CODECS[name]
    codec = importlib.import_module(codec, __package__)

    class FastSerializer(stock):
        takes_packs = False  # set where the component's loop reads them
        _offered = False

        def __init__(self, input_stream, output_stream, reader_lock, writer_lock):
            # Not stock's own: it wraps the streams.
            Serializer.__init__(self, input_stream, output_stream, reader_lock, writer_lock)
            self.outbox = Outbox(self.writer(output_stream), writer_lock, codec)
            self.unsendable = Unsendable(self)
            self.inbox = Inbox(self.reader(input_stream), codec.Decoder(), self.outbox, self.unsendable, reader_lock)
            self.output_stream = self.outbox.stream

        @staticmethod
        def reader(stream):
            """A function that waits for input and returns it, b"" at its end."""
            return lambda: os.read(pipes.input, CHUNK)

        @staticmethod
        def writer(stream):
            """A stream that makes one system call for each write.

            If a signal handler raises in the middle, Python's own buffer knows what is
            still to be written; a loop around os.write would not.
            """
            raw = io.FileIO(pipes.output, "w", closefd=False)
            return io.BufferedWriter(raw, BUFFER)

        def read_message(self):
            message = self.inbox.take()
            if "pidDir" in message:
                self._offered = message["conf"].get(OFFER) == PACKS
            return message

        def send_message(self, msg_dict):
            if "pid" in msg_dict:
                msg_dict = self._with_answer(msg_dict)
            command = msg_dict.get("command")
            if command in ANSWERS and self.unsendable.failed and self.unsendable.answered(msg_dict.get("id")):
                msg_dict = dict(msg_dict, command="fail")
            codec, parts = self.outbox.said
            try:
                part = codec.message(msg_dict)
            except Exception:
                part = None
            if part is None:
                try:
                    part = codec.stock(self.serialize_dict(msg_dict))
                except:  # noqa: E722 - as in pystorm, the component survives it
                    if command == "emit":
                        self.unsendable.emit(msg_dict)
                    else:
                        log.exception("Failed to send message: %r", msg_dict)
                    return
            self.outbox.add(parts, part)

        def _with_answer(self, pid):
            """The answer to the handshake, and to the offer of packs in it."""
            self.takes_packs = self.takes_packs and self._offered
            return dict(pid, packs=PACKS) if self.takes_packs else pid

        def speak_packs(self):
            """Sends packs from now on, if the host knows."""
            if self.takes_packs:
                self.outbox.speak(importlib.import_module(packs, __package__))

    FastSerializer.__name__ = FastSerializer.__qualname__ = "Fast" + stock.__name__
    return FastSerializer


def put_in_place(name, pipes):
    """Gives the next component that is made a fast serializer.

    Only the first component that is made on the protocol's pipes gets one. Others, which
    a component may make of pystorm's classes, use other streams, or share the
    conversation and its serializer.
    """
    stock, fast, made = pystorm_component._SERIALIZERS[name], fast_serializer(name, pipes), []

    def serializer(input_stream, output_stream, reader_lock, writer_lock):
        if not pipes.are(input_stream, output_stream):
            return stock(input_stream, output_stream, reader_lock, writer_lock)
        if not made:
            made.append(fast(input_stream, output_stream, reader_lock, writer_lock))
        return made[0]

    pystorm_component._SERIALIZERS[name] = serializer
    return fast
