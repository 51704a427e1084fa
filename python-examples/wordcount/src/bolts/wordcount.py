from collections import Counter

from streamparse import Bolt


class WordCountBolt(Bolt):
    """Counts words. Each word goes to only one task, so its count is complete."""

    outputs = ["word", "count"]

    def initialize(self, conf, ctx):
        self.counts = Counter()
        self.total = 0
        self.milestone = 10_000

    def process(self, tup):
        word = tup.values.word
        self.counts[word] += 1
        self.total += 1
        if self.total == self.milestone:
            self.logger.info("%d words, mostly %s", self.total, self.counts.most_common(2))
            self.milestone *= 10
        self.emit([word, self.counts[word]])
