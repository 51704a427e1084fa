"""What pystorm does for each tuple or command, done for all that one read brought.

Each loop stands in for a class's `_run`, which pystorm's `run` calls for ever.
An exception leaves a loop in the middle; what is left is the next call's.
"""
from pystorm import bolt, component, spout

Tuple = component.Tuple
new = tuple.__new__  # a namedtuple's own constructor checks what is known here

# What a loop does by itself, where it calls no such method.
READS = ("_run", "read_command", "read_message")
READS_TUPLES = READS + ("read_tuple", "is_heartbeat", "is_tick")


def loop_for(instance, originals):
    """The loop for a component; or None, and which of its methods stand in the way."""
    for owner, needs, make in (
        (bolt.TicklessBatchingBolt, READS_TUPLES, tickless_loop),
        (bolt.BatchingBolt, READS_TUPLES, batching_loop),
        (bolt.Bolt, READS_TUPLES, bolt_loop),
        (spout.Spout, READS, spout_loop),
    ):
        if isinstance(instance, owner):
            replaced = originals.replaced(instance, *needs)
            return (None, replaced) if replaced else (make(instance, originals), [])
    return None, ["_run"]


def waiting(instance):
    """The messages at hand: first those that were read while pystorm waited for task ids."""
    pending = instance._pending_commands
    if not pending:
        return instance.serializer.inbox.messages
    return iter_pop(pending)


def iter_pop(queue):
    """Takes from a queue until it is empty."""
    while queue:
        yield queue.popleft()


def shapes(instance, originals):
    """A function that tells of a stream: the type of its values; their number, where
    a constructor adds nothing to a right one; and whether it is a heartbeat's or a tick's."""
    types = instance._source_tuple_types
    # Where pystorm has made the types of values, their constructors only check the number.
    own_types = originals.keeps(instance, "_setup_component")

    def shape(source, stream):
        kind = types[source].get(stream)
        size = len(kind._fields) if kind is not None and own_types else None
        return kind, size, stream == "__heartbeat" or stream == "__tick"

    return shape


def typed(kind, values):
    """A tuple's values, where they are not what their stream's shape says."""
    return tuple(values) if kind is None else kind(*values)


def tuples(instance, originals, control):
    """A function that gives the tuples at hand; heartbeats and ticks go to `control` instead."""
    shape = shapes(instance, originals)
    pending, task_ids = instance._pending_commands, instance._pending_task_ids

    def at_hand():
        source = stream = kind = size = special = None
        for message in waiting(instance):
            if type(message) is list:
                task_ids.append(message)
                continue
            if message["stream"] != stream or message["comp"] != source or special is None:
                source, stream = message["comp"], message["stream"]
                kind, size, special = shape(source, stream)
            values = message["tuple"]
            values = new(kind, values) if len(values) == size else typed(kind, values)
            tup = new(Tuple, (message["id"], source, stream, message["task"], values))
            if special:
                control(tup)
            else:
                yield tup
            if pending:
                return

    return at_hand


def bolt_loop(instance, originals):
    """For Bolt._run."""
    serializer = instance.serializer
    outbox, inbox, answer = serializer.outbox, serializer.inbox, serializer.codec.answer
    parts, pending = outbox.parts, instance._pending_commands
    acks_itself = originals.keeps(instance, "ack", "send_message")

    def control(tup):
        instance._current_tups = [tup]
        if instance.is_heartbeat(tup):
            instance.send_message({"command": "sync"})
        else:
            if instance.is_tick(tup):
                instance.process_tick(tup)
            else:
                instance.process(tup)
            if instance.auto_ack:
                instance.ack(tup)
        instance._current_tups = []

    shape, task_ids = shapes(instance, originals), instance._pending_task_ids

    # Most components are such bolts: this is `tuples`, written out, for a generator
    # and the second look at what it made take a fourteenth of a small bolt's time.
    def run():
        source = stream = kind = size = special = None
        for message in waiting(instance):
            if type(message) is list:
                task_ids.append(message)
                continue
            if message["stream"] != stream or message["comp"] != source or special is None:
                source, stream = message["comp"], message["stream"]
                kind, size, special = shape(source, stream)
            values = message["tuple"]
            values = new(kind, values) if len(values) == size else typed(kind, values)
            tup_id = message["id"]
            tup = new(Tuple, (tup_id, source, stream, message["task"], values))
            if special:
                control(tup)
            else:
                instance._current_tups = [tup]
                instance.process(tup)
                if instance.auto_ack:
                    if acks_itself and type(tup_id) is str:
                        parts.append(answer("ack", tup_id))
                        if len(parts) > outbox.limit:
                            outbox.flush()
                    else:
                        instance.ack(tup)
                instance._current_tups = []
            if pending:
                return
        if not pending:
            inbox.fill()

    return run


def batching_loop(instance, originals):
    """For BatchingBolt._run."""
    inbox, pending = instance.serializer.inbox, instance._pending_commands
    at_hand = tuples(instance, originals, lambda tup: batch(instance, tup))

    def run():
        for tup in at_hand():
            instance._current_tups = [tup]
            instance.process(tup)
            instance._current_tups = []
        if not pending:
            inbox.fill()

    return run


def tickless_loop(instance, originals):
    """For TicklessBatchingBolt._run: its other thread waits while a tuple is handled."""
    inbox, pending = instance.serializer.inbox, instance._pending_commands
    lock = instance._batch_lock

    def control(tup):
        with lock:
            batch(instance, tup)

    at_hand = tuples(instance, originals, control)

    def run():
        for tup in at_hand():
            with lock:
                instance._current_tups = [tup]
                instance.process(tup)
                instance._current_tups = []
        if not pending:
            inbox.fill()

    return run


def batch(instance, tup):
    """What a batching bolt does with a heartbeat or a tick; it acks neither by itself."""
    instance._current_tups = [tup]
    if instance.is_heartbeat(tup):
        instance.send_message({"command": "sync"})
    elif instance.is_tick(tup):
        instance.process_tick(tup)
    else:
        instance.process(tup)
    instance._current_tups = []


def spout_loop(instance, originals):
    """For Spout._run."""
    serializer = instance.serializer
    outbox, inbox, sync = serializer.outbox, serializer.inbox, serializer.codec.SYNC
    parts, pending = outbox.parts, instance._pending_commands
    syncs_itself = originals.keeps(instance, "send_message")

    def run():
        for command in waiting(instance):
            if type(command) is list:
                instance._pending_task_ids.append(command)
                continue
            name = command["command"]
            if name == "next":
                instance.next_tuple()
            elif name == "ack":
                instance.ack(command["id"])
            elif name == "fail":
                instance.fail(command["id"])
            elif name == "activate":
                instance.activate()
            elif name == "deactivate":
                instance.deactivate()
            else:
                instance.logger.error("Received invalid command from Storm: %r", command)
            if syncs_itself:
                parts.append(sync)
                if len(parts) > outbox.limit:
                    outbox.flush()
            else:
                instance.send_message({"command": "sync"})
            if pending:
                return
        if not pending:
            inbox.fill()

    return run
