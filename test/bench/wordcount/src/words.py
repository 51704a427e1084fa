from itertools import count, cycle

from streamparse import Spout

from tally import Tally


class WordSpout(Spout):
    """Emits one word at each next_tuple, with an id."""

    outputs = ["word"]

    def initialize(self, conf, ctx):
        self.words = cycle("the storm bent the reed but the reed kept its root".split())
        self.ids = count()
        self.tally = Tally(ctx)

    def next_tuple(self):
        self.emit([next(self.words)], tup_id=next(self.ids))
        self.tally.tuples()

    def ack(self, tup_id):
        self.tally.acks()
