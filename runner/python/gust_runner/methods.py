"""emit, ack and fail, encoded without a dict in between.

These replace pystorm's methods in its own classes: a subclass that replaces one and
calls super() gets them, too. All but the plainest calls go to pystorm's.
"""
from pystorm import bolt, component, spout

from .outbox import LONG

Tuple = component.Tuple
PLAIN = (list, tuple)


def bolt_emit(instance, outbox, stock):
    """Bolt.emit for one instance; `stock` is pystorm's own."""
    codec, parts = outbox.said
    encode, reply, append = codec.anchored_emit, codec.reply, parts.append

    def emit(self, tup, stream=None, anchors=None, direct_task=None, need_task_ids=False):
        if self is not instance or need_task_ids is not False or type(tup) not in PLAIN:
            return stock(self, tup, stream, anchors, direct_task, need_task_ids)
        try:
            ids = anchors
            if ids is None:
                ids = self._current_tups if self.auto_anchor else ()
            if len(ids) == 1 and stream is None and direct_task is None and type(ids[0]) is Tuple:
                part = reply(tup, ids[0][0])
            else:
                ids = [a.id if isinstance(a, Tuple) else a for a in ids]
                part = encode(tup, ids, stream, direct_task)
        except Exception:
            part = None  # so that pystorm's own exception does not mention this one
        if part is None:
            return stock(self, tup, stream, anchors, direct_task, need_task_ids)
        append(part)
        if len(parts) > outbox.limit or len(part) > LONG:
            outbox.flush()

    emit.__doc__ = stock.__doc__
    return emit


def spout_emit(instance, outbox, stock):
    """Spout.emit for one instance; `stock` is pystorm's own."""
    codec, parts = outbox.said
    encode, append = codec.identified_emit, parts.append

    def emit(self, tup, tup_id=None, stream=None, direct_task=None, need_task_ids=False):
        if self is not instance or need_task_ids is not False or type(tup) not in PLAIN:
            return stock(self, tup, tup_id, stream, direct_task, need_task_ids)
        try:
            part = encode(tup, tup_id, stream, direct_task)
        except Exception:
            part = None
        if part is None:
            return stock(self, tup, tup_id, stream, direct_task, need_task_ids)
        append(part)
        if len(parts) > outbox.limit or len(part) > LONG:
            outbox.flush()

    emit.__doc__ = stock.__doc__
    return emit


def bolt_answer(command, instance, outbox, stock):
    """Bolt.ack or Bolt.fail for one instance; `stock` is pystorm's own."""
    codec, parts = outbox.said
    unsendable = instance.serializer.unsendable

    def answer(self, tup):
        if self is not instance or unsendable.failed:
            return stock(self, tup)
        try:
            part = codec.answer(command, tup.id if isinstance(tup, Tuple) else tup)
        except Exception:
            part = None
        if part is None:
            return stock(self, tup)
        outbox.add(parts, part)

    answer.__name__ = command
    answer.__doc__ = stock.__doc__
    return answer


class Methods:
    """Puts the fast methods into pystorm's classes, and restores pystorm's."""

    def __init__(self, originals):
        self._originals = originals
        self._stock = {}

    def put(self, instance):
        """Installs those that do what the instance's own methods would do."""
        self.remove()
        own, outbox = self._originals, instance.serializer.outbox
        if not own.keeps(instance, "send_message"):
            return
        if isinstance(instance, spout.Spout) and own.keeps_behind(instance, spout.Spout, "emit"):
            self._set(spout.Spout, "emit", spout_emit, instance, outbox)
        if isinstance(instance, bolt.Bolt):
            if own.keeps_behind(instance, bolt.Bolt, "emit"):
                self._set(bolt.Bolt, "emit", bolt_emit, instance, outbox)
            for name in ("ack", "fail"):
                self._set(bolt.Bolt, name, bolt_answer, name, instance, outbox)

    def _set(self, owner, name, make, *args):
        stock = self._stock[owner, name] = vars(owner)[name]
        setattr(owner, name, make(*args, stock))

    def remove(self):
        """Puts pystorm's own methods back."""
        for (owner, name), stock in self._stock.items():
            setattr(owner, name, stock)
        self._stock.clear()
