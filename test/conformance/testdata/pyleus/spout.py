import json

from pyleus.storm import Spout


class Steps(Spout):
    """Does one of its steps for each next, and emits the acks and fails of its tuples."""

    OUTPUT_FIELDS = ["verb", "value"]

    def initialize(self):
        with open(self.conf["conformance.steps"], encoding="utf-8") as file:
            self.steps = enumerate(json.load(file))

    def next_tuple(self):
        for number, (verb, value) in self.steps:
            getattr(self, "do_" + verb)(number, value)
            return

    def ack(self, tup_id):
        self.emit(["acked", tup_id])

    def fail(self, tup_id):
        self.emit(["failed", tup_id], need_task_ids=False)

    def do_reliable(self, number, value):
        self.emit(["reliable", value], tup_id=number)

    def do_unreliable(self, number, value):
        self.emit(["unreliable", value], need_task_ids=False)

    def do_direct(self, number, task):
        self.emit(["direct", task], tup_id=number, stream="direct", direct_task=task, need_task_ids=False)

    def do_tasks(self, number, value):
        tasks = self.emit(["spread", value], tup_id=number, stream="spread")
        self.emit(["tasks", sorted(tasks)])

    def do_context(self, number, task):
        self.emit(["context", self.context["task->component"][str(task)]])

    def do_log(self, number, text):
        for log in self.log_trace, self.log_debug, self.log_info, self.log_warn, self.log_error:
            log(text)

    def do_error(self, number, text):
        self.error(text)


if __name__ == "__main__":
    Steps().run()
