from collections import Counter

import storm


class Count(storm.Bolt):
    """Counts words. Each word goes to only one task, so its count is complete."""

    def initialize(self, conf, context):
        self.counts = Counter()
        self.total = 0

    def process(self, tuple):
        [word] = tuple["tuple"]
        self.counts[word] += 1
        self.total += 1
        if self.total % 100000 == 0:
            mostly = ", ".join(f"{word} {n}" for word, n in self.counts.most_common(2))
            self.send(command="log", msg=f"{self.total} words, mostly {mostly}")
        self.emit([word, self.counts[word]], anchors=[tuple["id"]])


Count().run()
