"""Msgpack messages by hand, from and to gust, their bytes in plain sight."""
import os
import sys

import msgpack


class Wire:
    def __init__(self):
        self.unpacker = msgpack.Unpacker(raw=False, strict_map_key=False, unicode_errors="surrogateescape")
        self.received = b""  # bytes that were read but not used yet
        self.taken = 0  # how much of the stream has been

    def read(self):
        """The next message, and its bytes. It ends the program if there is none."""
        while True:
            try:
                message = self.unpacker.unpack()
            except msgpack.OutOfData:
                some = os.read(0, 1 << 16)
                if not some:
                    sys.exit()
                self.unpacker.feed(some)
                self.received += some
                continue
            size = self.unpacker.tell() - self.taken
            self.taken += size
            raw, self.received = self.received[:size], self.received[size:]
            return message, raw

    def greet(self, first=b""):
        """Reads the handshake; first is written before the pid."""
        handshake, _ = self.read()
        open(os.path.join(handshake["pidDir"], str(os.getpid())), "w").close()
        self.write(first + pack({"pid": os.getpid()}))

    def write(self, raw, piece=1 << 16):
        """Writes bytes, so many at once."""
        while raw:
            raw = raw[os.write(1, raw[:piece]) :]


pack = msgpack.packb


def members(**raw):
    """A map of members that are bytes already, with the longest of heads."""
    packed = b"".join(pack(key) + value for key, value in raw.items())
    return b"\xdf" + len(raw).to_bytes(4, "big") + packed
