from streamparse import Bolt


class FlakyBolt(Bolt):
    """Stands for a service that is out now and then: it fails every tenth
    sentence, and lets its replay pass. Here nothing is automatic: the bolt
    anchors, acks and fails by itself."""

    outputs = ["number", "sentence"]
    auto_anchor = False
    auto_ack = False
    auto_fail = False

    def initialize(self, conf, ctx):
        self.failed = set()

    def process(self, tup):
        number = tup.values.number
        if number % 10 == 0 and number not in self.failed:
            self.failed.add(number)
            self.fail(tup)
            return
        self.emit(list(tup.values), anchors=[tup])
        self.ack(tup)
