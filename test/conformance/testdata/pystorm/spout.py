import json
import sys

import pystorm


class Spout(pystorm.Spout):
    """Does one of its steps for each next, and emits the acks and fails of its tuples."""

    def initialize(self, conf, context):
        with open(conf["conformance.steps"], encoding="utf-8") as file:
            self.steps = enumerate(json.load(file))

    def next_tuple(self):
        for number, (verb, value) in self.steps:
            getattr(self, "do_" + verb)(number, value)
            return

    def ack(self, tup_id):
        self.emit(["acked", tup_id])

    def fail(self, tup_id):
        self.emit(["failed", tup_id])

    def do_reliable(self, number, value):
        self.emit(["reliable", value], tup_id=number)

    def do_unreliable(self, number, value):
        self.emit(["unreliable", value])

    def do_direct(self, number, task):
        self.emit(["direct", task], tup_id=number, stream="direct", direct_task=task)

    def do_tasks(self, number, value):
        tasks = self.emit(["spread", value], tup_id=number, stream="spread", need_task_ids=True)
        self.emit(["tasks", sorted(tasks)])

    def do_context(self, number, task):
        self.emit(["context", self.context["task->component"][str(task)]])

    def do_log(self, number, text):
        for level in "trace", "debug", "info", "warn", "error":
            self.log(text, level)

    def do_error(self, number, text):
        try:
            raise ValueError(text)
        except ValueError as error:
            self.raise_exception(error)

    def do_metric(self, number, value):
        self.report_metric("conformance", value)


Spout(serializer=sys.argv[1]).run()
