import streamparse


class Bolt(streamparse.Bolt):
    """Executes its tuples, a verb and a value each: it acks, fails and anchors automatically."""

    exit_on_exception = False

    def process_tick(self, tup):
        self.emit(["tick", tup.values[0]], anchors=[])

    def process(self, tup):
        verb, value = tup.values
        getattr(self, "do_" + verb)(value)

    def do_anchored(self, value):
        self.emit(["anchored", value])

    def do_unanchored(self, value):
        self.emit(["unanchored", value], anchors=[])

    def do_fail(self, text):
        raise ValueError(text)

    def do_direct(self, task):
        self.emit(["direct", task], stream="direct", direct_task=task)

    def do_tasks(self, value):
        tasks = self.emit(["spread", value], stream="spread", need_task_ids=True)
        self.emit(["tasks", sorted(tasks)])

    def do_context(self, task):
        self.emit(["context", self.context["task->component"][str(task)]])

    def do_log(self, text):
        for level in "trace", "debug", "info", "warn", "error":
            self.log(text, level)

    def do_metric(self, value):
        self.report_metric("conformance", value)
