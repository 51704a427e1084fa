import storm


class Bolt(storm.Bolt):
    """Executes its tuples: a verb and a value each."""

    def initialize(self, conf, context):
        self.components = context["task->component"]
        self.held = []

    def process(self, tup):
        if tup.stream == "__tick":
            storm.emit(["tick", tup.values[0]])
            storm.ack(tup)
            return
        verb, value = tup.values
        getattr(self, verb)(tup, value)
        if verb not in ("fail", "hold"):
            storm.ack(tup)

    def anchored(self, tup, value):
        storm.emit(["anchored", value], anchors=[tup])

    def unanchored(self, tup, value):
        storm.emit(["unanchored", value])

    def fail(self, tup, value):
        storm.fail(tup)

    def hold(self, tup, value):
        self.held.append(tup)

    def join(self, tup, value):
        held, self.held = self.held, []
        storm.emit(["join", [t.values[1] for t in held] + [value]], anchors=held + [tup])
        for other in held:
            storm.ack(other)

    def direct(self, tup, task):
        storm.emitDirect(task, ["direct", task], stream="direct", anchors=[tup])

    def tasks(self, tup, value):
        tasks = storm.emit(["spread", value], stream="spread", anchors=[tup])
        storm.emit(["tasks", sorted(tasks)])

    def context(self, tup, task):
        storm.emit(["context", self.components[str(task)]])

    def log(self, tup, text):
        for log in storm.logTrace, storm.logDebug, storm.logInfo, storm.logWarn, storm.logError:
            log(text)

    def error(self, tup, text):
        storm.reportError(text)

    def metric(self, tup, value):
        storm.rpcMetrics("conformance", value)


Bolt().run()
