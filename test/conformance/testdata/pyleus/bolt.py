from pyleus.storm import Bolt, is_tick


class Deeds(Bolt):
    """Executes its tuples: a verb and a value each."""

    OUTPUT_FIELDS = ["verb", "value"]

    def initialize(self):
        self.held = []

    def process_tuple(self, tup):
        if is_tick(tup):
            self.emit(["tick", tup.values[0]])
            self.ack(tup)
            return
        verb, value = tup.values
        getattr(self, "do_" + verb)(tup, value)
        if verb not in ("fail", "hold"):
            self.ack(tup)

    def do_anchored(self, tup, value):
        self.emit(["anchored", value], anchors=[tup], need_task_ids=False)

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
        self.emit(["direct", task], anchors=[tup], stream="direct", direct_task=task, need_task_ids=False)

    def do_tasks(self, tup, value):
        tasks = self.emit(["spread", value], anchors=[tup], stream="spread")
        self.emit(["tasks", sorted(tasks)])

    def do_context(self, tup, task):
        self.emit(["context", self.context["task->component"][str(task)]])

    def do_log(self, tup, text):
        for log in self.log_trace, self.log_debug, self.log_info, self.log_warn, self.log_error:
            log(text)

    def do_error(self, tup, text):
        self.error(text)


if __name__ == "__main__":
    Deeds().run()
