from collections import Counter

from streamparse.bolt import Bolt


class TallyBolt(Bolt):
    """Counts the votes of each district."""

    def initialize(self, conf, ctx):
        self.votes = Counter()

    def process(self, tup):
        vote = tuple(tup.values)
        self.votes[vote] += 1
        self.emit(list(vote) + [self.votes[vote]])
