from itertools import cycle, islice

from streamparse import ReliableSpout


class SentenceSpout(ReliableSpout):
    """Emits `sentences.count` sentences. Each has an id, so its tuple tree is
    tracked; one that fails is emitted again, up to max_fails times."""

    outputs = ["number", "sentence"]
    max_fails = 2

    def initialize(self, conf, ctx):
        # Components run in src/, on Storm too.
        with open("sentences.txt") as lines:
            sentences = lines.read().splitlines()
        self.sentences = enumerate(islice(cycle(sentences), conf["sentences.count"]))

    def next_tuple(self):
        number, sentence = next(self.sentences, (None, None))
        if sentence is not None:
            self.emit([number, sentence], tup_id=number)
