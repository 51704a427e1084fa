"""A bolt that answers its tuples, numbers from 0, each in another way of those
that msgpack and the protocol leave open."""
from wire import Wire, members, pack


def emit(value, **more):
    return members(command=pack("emit"), need_task_ids=pack(False), tuple=pack([value]), **more)


def ack(id):
    return members(command=pack("ack"), id=pack(id))


def answers(number, id):
    """The bytes of the answer, and how many of them to write at once."""
    return [
        (emit(number, anchors=pack([id])) + ack(id), 1 << 16),
        (emit(number, anchors=pack([id])) + ack(id), 1),
        (emit(number, anchors=pack([id])) + ack(id), 5),
        (emit("fail me", anchors=pack(id)) + ack(id), 1 << 16),
        (emit("fail me", anchors=pack(int(id))) + ack(id), 1 << 16),
        (emit("fail me", anchors=pack([int(id)])) + ack(id), 1 << 16),
        (emit("fail me", anchors=pack(None)) + ack(id), 1 << 16),
        (emit("fail me") + ack(int(id)), 1 << 16),
        (emit(number, stream=pack(None), task=pack(None), id=pack(None)) + ack(id), 1 << 16),
        (emit(number, task=pack(0), unknown=pack({"a": [{}, b"\x00"]})) + ack(id), 1 << 16),
        (members(command=pack("fail"), id=pack(int(id))), 1 << 16),
        (emit([1.0, float("inf"), -(2**63), 2**64 - 1, None, {"k": ["é", True]}]) + ack(id), 1 << 16),
    ][number]


wire = Wire()
wire.greet()
wire.write(members(command=pack("sync")))
while True:
    message, _ = wire.read()
    if message["stream"] == "__heartbeat":
        wire.write(members(command=pack("sync")))
        continue
    raw, piece = answers(message["tuple"][0], message["id"])
    wire.write(raw, piece)
