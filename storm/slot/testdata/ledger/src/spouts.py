import time

from streamparse import Spout

import ledger


class Numbers(Spout):
    """Emits numbers, each until it is acked: also those of the processes before it."""

    outputs = ["number", "key"]

    def initialize(self, conf, context):
        self.dir = conf["ledger.dir"]
        done = set(ledger.lines(self.dir, "acked"))
        emitted = ledger.lines(self.dir, "emitted")
        self.again = [int(n) for n in emitted if n not in done]
        self.next = len(emitted)

    def next_tuple(self):
        if self.again:
            return self.send(self.again.pop())
        if ledger.has(self.dir, "stop"):
            return time.sleep(0.01)
        ledger.append(self.dir, "emitted", str(self.next))
        self.send(self.next)
        self.next += 1
        time.sleep(0.002)

    def send(self, number):
        self.emit([number, "key%d" % (number % 50)], tup_id=number)

    def ack(self, number):
        ledger.append(self.dir, "acked", str(number))

    def fail(self, number):
        self.again.append(number)
