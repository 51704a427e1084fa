"""A spout with ids of all the types and encodings that msgpack has. Each must
come back with the very bytes that it was emitted with; which did is recorded."""
import os

from wire import Wire, members, pack

ids = [
    b"\x00",  # 0
    b"\xff",  # -1
    b"\xcd\x00\x01",  # 1, in more bytes than necessary
    b"\xcf" + b"\xff" * 8,  # the largest integer
    b"\xd3\x80" + bytes(7),  # the smallest
    b"\xca\x3f\x80\x00\x00",  # 1.0, in 32 bits
    b"\xcb\x7f\xf8" + bytes(6),  # not a number
    b"\xa0",  # an empty string
    b"\xd9\x01x",  # a short string with a long header
    b"\xa2\xff\xfe",  # a string that is not UTF-8
    b"\xc4\x02\x00\xff",  # bytes
    b"\xc2",  # false
    b"\x92\x01\x91\xc4\x01x",  # [1, [b"x"]]
    b"\x82\x01\x02\xa1k\xc0",  # {1: 2, "k": None}
    b"\xd4\x05\x00",  # an extension
    b"\xd6\xff" + bytes(4),  # a timestamp
]

wire = Wire()
wire.greet(first=members(command=pack("log"), msg=pack("before the pid")))
with open(os.environ["RESULTS"], "w", buffering=1) as results:
    steps = enumerate(ids)
    while True:
        message, raw = wire.read()
        if message["command"] == "next":
            for number, id in steps:
                emit = members(command=pack("emit"), id=id, tuple=pack([number]), need_task_ids=pack(False), stream=pack(None))
                wire.write(emit, piece=1 if number % 2 else 1 << 16)
                break
        elif message["command"] in ("ack", "fail"):
            word = pack("command") + pack(message["command"])
            same = [number for number, id in enumerate(ids) if raw in (b"\x82" + word + b"\xa2id" + id, b"\x82\xa2id" + id + word)]
            print(message["command"], same, file=results)
        wire.write(members(command=pack("sync")))
