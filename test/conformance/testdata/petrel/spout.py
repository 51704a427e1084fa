import json
import logging
import sys

from petrel import storm


class Spout(storm.Spout):
    """Does one of its steps for each next, and emits the acks and fails of its tuples."""

    def initialize(self, conf, context):
        self.components = context["task->component"]
        with open(conf["conformance.steps"], encoding="utf-8") as file:
            self.steps = enumerate(json.load(file))

    def nextTuple(self):
        for number, (verb, value) in self.steps:
            getattr(self, verb)(number, value)
            return

    def ack(self, id):
        storm.emit(["acked", id])

    def fail(self, id):
        storm.emit(["failed", id])

    def reliable(self, number, value):
        storm.emit(["reliable", value], id=number)

    def unreliable(self, number, value):
        storm.emit(["unreliable", value])

    def direct(self, number, task):
        storm.emitDirect(task, ["direct", task], stream="direct", id=number)

    def tasks(self, number, value):
        tasks = storm.emit(["spread", value], stream="spread", id=number, need_task_ids=True)
        storm.emit(["tasks", sorted(tasks)])

    def context(self, number, task):
        storm.emit(["context", self.components[str(task)]])

    def log(self, number, text):
        storm.log(text)

    def error(self, number, text):
        storm.reportError(text)


# Petrel turns sys.stderr into a logger, which must not log to sys.stderr then.
logging.basicConfig(stream=sys.__stderr__)
Spout().run()
