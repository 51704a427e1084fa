import re

from streamparse import Bolt, Stream


class SplitBolt(Bolt):
    """Splits sentences into words. streamparse anchors and acks, and fails the
    tuple if process() raises an exception."""

    outputs = [
        Stream(fields=["word"]),
        Stream(fields=["number", "sentence"], name="rejected"),
    ]
    # An exception costs the tuple that caused it, not the process.
    exit_on_exception = False
    max_words = 12

    def process(self, tup):
        number, sentence = tup.values
        words = re.findall(r"\w+", sentence.lower())
        if not words:
            raise ValueError("no words in sentence {}".format(number))
        if len(words) > self.max_words:
            # Without an anchor: the spout does not depend on it.
            self.emit([number, sentence], stream="rejected", anchors=[])
            return
        for word in words:
            self.emit([word])
