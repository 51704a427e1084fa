"""What pystorm does for each tuple or command, for all that came together.

Each loop replaces a class's `_run`, which pystorm's `run` calls forever: it processes
the rest of the current pack, and then takes the next one. After an exception in the
middle, the next call continues with the rest.
"""
from pystorm import bolt, component, spout

Tuple = component.Tuple
new = tuple.__new__  # a namedtuple's own constructor repeats checks

# The methods that a loop replaces and does not call.
READS = ("_run", "read_command", "read_message")
READS_TUPLES = READS + ("read_tuple", "is_heartbeat", "is_tick")


def loop_for(instance, originals):
    """The loop for a component; or None, and the methods of it that prevent one."""
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


class Pack:
    """What the tuples of a bolt's current pack share."""

    def __init__(self, instance, originals):
        self._instance = instance
        # If pystorm has made the types of values, their constructors check only the number.
        self._own_types = originals.keeps(instance, "_setup_component")
        self.shared = (None,) * 6

    def take(self):
        """Waits for the next pack, and makes it the current one."""
        instance = self._instance
        inbox = instance.serializer.inbox
        message = inbox.turn(instance._pending_commands, instance._pending_task_ids)
        source, stream, task = message["comp"], message["stream"], message["task"]
        kind = instance._source_tuple_types[source].get(stream)
        # The number of values that a constructor would accept.
        size = len(kind._fields) if kind is not None and self._own_types else None
        special = stream == "__heartbeat" or stream == "__tick"
        self.shared = source, stream, task, kind, size, special
        inbox.hand(message)

    def tuples(self):
        """The rest of it as tuples, each with whether it is a heartbeat or a tick."""
        source, stream, task, kind, size, special = self.shared
        for tup_id, values in self._instance.serializer.inbox.rows:
            values = new(kind, values) if len(values) == size else typed(kind, values)
            yield new(Tuple, (tup_id, source, stream, task, values)), special


def typed(kind, values):
    """A tuple's values, if their number is not that of their stream's fields."""
    return tuple(values) if kind is None else kind(*values)


def bolt_loop(instance, originals):
    """For Bolt._run."""
    inbox, outbox = instance.serializer.inbox, instance.serializer.outbox
    codec, parts = outbox.said
    ack, append = codec.ack, parts.append
    acks_itself = originals.keeps(instance, "ack", "send_message")
    failed = instance.serializer.unsendable.failed
    pack = Pack(instance, originals)

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

    # Most components are such bolts. This is pack.tuples inlined: a generator and the
    # second test of its tuples take 7 % of a small bolt's time.
    def run():
        source, stream, task, kind, size, special = pack.shared
        for tup_id, values in inbox.rows:
            if len(values) == size:
                values = new(kind, values)
            else:
                instance._current_tups = []  # no tuple is at fault if this raises
                values = typed(kind, values)
            tup = new(Tuple, (tup_id, source, stream, task, values))
            if special:
                control(tup)
                continue
            instance._current_tups = [tup]
            instance.process(tup)
            if instance.auto_ack:
                if acks_itself and type(tup_id) is str and not failed:
                    append(ack(tup_id))
                else:
                    instance.ack(tup)
        instance._current_tups = []
        if len(parts) > outbox.limit:
            outbox.flush()
        pack.take()

    return run


def batching_loop(instance, originals):
    """For BatchingBolt._run."""
    pack = Pack(instance, originals)

    def run():
        for tup, special in pack.tuples():
            batch(instance, tup, special)
        pack.take()

    return run


def tickless_loop(instance, originals):
    """For TicklessBatchingBolt._run: its other thread waits while a tuple is processed."""
    pack, lock = Pack(instance, originals), instance._batch_lock

    def run():
        for tup, special in pack.tuples():
            with lock:
                batch(instance, tup, special)
        pack.take()

    return run


def batch(instance, tup, special):
    """What a batching bolt does with a tuple, a heartbeat or a tick. It does not ack."""
    instance._current_tups = [tup]
    if special and instance.is_heartbeat(tup):
        instance.send_message({"command": "sync"})
    elif special and instance.is_tick(tup):
        instance.process_tick(tup)
    else:
        instance.process(tup)
    instance._current_tups = []


def spout_loop(instance, originals):
    """For Spout._run."""
    inbox, outbox = instance.serializer.inbox, instance.serializer.outbox
    codec, parts = outbox.said
    sync, append = codec.SYNC, parts.append
    syncs_itself = originals.keeps(instance, "send_message")
    message = None

    def run():
        nonlocal message
        for name, tup_id in inbox.rows:
            if name == "next":
                instance.next_tuple()
            elif name == "ack":
                instance.ack(tup_id)
            elif name == "fail":
                instance.fail(tup_id)
            elif name == "activate":
                instance.activate()
            elif name == "deactivate":
                instance.deactivate()
            else:
                instance.logger.error("Received invalid command from Storm: %r", message)
            if syncs_itself:
                append(sync)
                if len(parts) > outbox.limit:
                    outbox.flush()
            else:
                instance.send_message({"command": "sync"})
        message = inbox.turn(instance._pending_commands, instance._pending_task_ids)
        inbox.hand(message)

    return run
