from streamparse import Bolt


class FlakyBolt(Bolt):
    """Simulates a service that is down now and then: it fails every tenth
    sentence, but not its replay. Nothing is automatic here: the bolt anchors,
    acks and fails itself."""

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
