from collections import Counter

from streamparse import Bolt

from tally import Tally


class CountBolt(Bolt):
    """Counts words, and emits each word with its count."""

    outputs = ["word", "count"]

    def initialize(self, conf, ctx):
        self.counts = Counter()
        self.tally = Tally(ctx)

    def process(self, tup):
        word = tup.values.word
        self.counts[word] += 1
        self.emit([word, self.counts[word]])
        self.tally.tuples()
