"""The word count as a bytewax dataflow, an item at a time, without acks.

    python -m bytewax.run flow.py:counted            one worker, a dict of its own
    python -m bytewax.run flow.py:keyed              one worker, bytewax's keyed state
    python -m bytewax.testing -p 2 flow.py:keyed     a word's count is in one of two processes
"""
from collections import Counter
from itertools import cycle

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from bytewax.outputs import DynamicSink, StatelessSinkPartition

from tally import Tally


class _Partition(StatefulSourcePartition):
    def __init__(self):
        self.words = cycle("the storm bent the reed but the reed kept its root".split())

    def next_batch(self):
        return [next(self.words)]

    def snapshot(self):
        return None


class Words(FixedPartitionedSource):
    """One partition, so that one process emits all words, as one spout does."""

    def list_parts(self):
        return ["words"]

    def build_part(self, step_id, for_part, resume_state):
        return _Partition()


class _Tallied(StatelessSinkPartition):
    def __init__(self):
        self.tally = Tally({"componentid": "count"})

    def write_batch(self, items):
        for _ in items:
            self.tally.tuples()


class Counts(DynamicSink):
    """Takes each word with its count, like the readers of a bolt's emits."""

    def build(self, step_id, worker_index, worker_count):
        return _Tallied()


def counted():
    """One worker has all words, and may count them as it likes."""
    counts = Counter()

    def count(word):
        counts[word] += 1
        return word, counts[word]

    flow = Dataflow("counted")
    words = op.input("words", flow, Words())
    op.output("counts", op.map("count", words, count), Counts())
    return flow


def keyed():
    """Each word goes to the worker that has its count, as with a fields grouping."""

    def count(so_far, word):
        so_far = (so_far or 0) + 1
        return so_far, so_far

    flow = Dataflow("keyed")
    words = op.key_on("by word", op.input("words", flow, Words()), lambda word: word)
    op.output("counts", op.stateful_map("count", words, count), Counts())
    return flow
