"""A spout that emits, between sound tuples, values that break the programs that read
them: raw bytes, for no library would write them. SERIALIZER says in what. Its last
tuple is sound. What comes of each is recorded."""
import json
import os
import sys

VALUES = {
    "json": [
        b'"sound"',
        b"NaN",
        b"[-Infinity]",
        b"[" * 100000 + b"]" * 100000,
        b'{"a":' * 600 + b"1" + b"}" * 600,
        b'"the last"',
    ],
    "msgpack": [
        b"\xa5sound",
        b"\xa2\xff\xfe",
        b"\xa3\xed\xa0\xbd",  # half a surrogate pair
        b"\x81\xa1\xff\x01",
        b"\x91" * 100000 + b"\xc0",
        b"\xd6\xfe" + bytes(4),  # a type that msgpack reserves
        b"\xd5\xff\x00\x00",  # a timestamp of two bytes
        b"\x81\x01\x02",  # {1: 2}
        b"\xa8the last",
    ],
}

serializer = os.environ["SERIALIZER"]
values = VALUES[serializer]
if serializer == "msgpack":
    from wire import Wire, members, pack

    wire = Wire()
    wire.greet()


def read():
    if serializer == "msgpack":
        return wire.read()[0]
    line = sys.stdin.readline()
    if not line:
        sys.exit()
    sys.stdin.readline()  # end
    return json.loads(line)


def write(raw):
    while raw:
        raw = raw[os.write(1, raw) :]


def say(message):
    write(pack(message) if serializer == "msgpack" else json.dumps(message).encode() + b"\nend\n")


def emit(number, value):
    if serializer == "msgpack":
        verb = b"\x92" + pack("anchored") + value
        wire.write(members(command=pack("emit"), id=pack(number), tuple=verb, need_task_ids=pack(False)))
    else:
        write(b'{"command":"emit","need_task_ids":false,"id":%d,"tuple":["anchored",%s]}\nend\n' % (number, value))


if serializer == "json":
    handshake = read()
    open(os.path.join(handshake["pidDir"], str(os.getpid())), "w").close()
    say({"pid": os.getpid()})
steps = enumerate(values)
with open(os.environ["RESULTS"], "w", buffering=1) as results:
    while True:
        message = read()
        if message["command"] == "next":
            for number, value in steps:
                emit(number, value)
                break
        elif message["command"] in ("ack", "fail"):
            print(message["command"], message["id"], file=results)
        say({"command": "sync"})
