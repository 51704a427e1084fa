from itertools import cycle

from streamparse import Spout


class WordSpout(Spout):
    """Recites one proverb for ever, a word at a time."""

    outputs = ["word"]

    def initialize(self, conf, ctx):
        self.words = cycle("the storm bent the reed but the reed kept its root".split())

    def next_tuple(self):
        self.emit([next(self.words)])
