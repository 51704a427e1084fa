import sys

import pystorm


class Bolt(pystorm.Bolt):
    """Executes its tuples, a verb and a value each: it acks, fails and anchors explicitly."""

    auto_ack = auto_anchor = auto_fail = False

    def initialize(self, conf, context):
        self.held = []

    def process_tick(self, tup):
        self.emit(["tick", tup.values[0]])
        self.ack(tup)

    def process(self, tup):
        verb, value = tup.values
        getattr(self, "do_" + verb)(tup, value)
        if verb not in ("fail", "hold"):
            self.ack(tup)

    def do_anchored(self, tup, value):
        self.emit(["anchored", value], anchors=[tup])

    def do_unanchored(self, tup, value):
        self.emit(["unanchored", value])

    def do_fail(self, tup, value):
        self.fail(tup)

    def do_hold(self, tup, value):
        self.held.append(tup)

    def do_join(self, tup, value):
        held, self.held = self.held, []
        self.emit(["join", [t.values[1] for t in held] + [value]], anchors=held + [tup])
        for other in held:
            self.ack(other)

    def do_direct(self, tup, task):
        self.emit(["direct", task], anchors=[tup], stream="direct", direct_task=task)

    def do_tasks(self, tup, value):
        tasks = self.emit(["spread", value], anchors=[tup], stream="spread", need_task_ids=True)
        self.emit(["tasks", sorted(tasks)])

    def do_context(self, tup, task):
        self.emit(["context", self.context["task->component"][str(task)]])

    def do_log(self, tup, text):
        for level in "trace", "debug", "info", "warn", "error":
            self.log(text, level)

    def do_error(self, tup, text):
        try:
            raise ValueError(text)
        except ValueError as error:
            self.raise_exception(error)

    def do_metric(self, tup, value):
        self.report_metric("conformance", value)


Bolt(serializer=sys.argv[1]).run()
