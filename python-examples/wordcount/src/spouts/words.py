from itertools import count, cycle

from streamparse import Spout


class WordSpout(Spout):
    """Emits the words of a proverb, forever. Each word has an id, so that it is tracked until it is counted."""

    outputs = ["word"]

    def initialize(self, conf, ctx):
        self.words = cycle("the storm bent the reed but the reed kept its root".split())
        self.ids = count(1)

    def next_tuple(self):
        self.emit([next(self.words)], tup_id=next(self.ids))
