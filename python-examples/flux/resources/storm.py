"""Storm's multilang protocol in plain Python 3, without streamparse: a component
is a subclass of Spout or Bolt and ends with `It().run()`."""

import json
import os
import sys
import traceback


class Component:
    def initialize(self, conf, context):
        pass

    def emit(self, values, **options):
        """Sends a tuple; options are id (spouts), anchors (bolts), stream and task."""
        self.send(command="emit", tuple=values, need_task_ids=False, **options)

    def send(self, **message):
        print(json.dumps(message), "end", sep="\n", flush=True)

    def read(self):
        lines = []
        for line in iter(sys.stdin.readline, ""):
            if line == "end\n":
                return json.loads("".join(lines))
            lines.append(line)
        sys.exit()  # The host has closed the pipe.

    def run(self):
        handshake = self.read()
        open(os.path.join(handshake["pidDir"], str(os.getpid())), "w").close()
        self.send(pid=os.getpid())
        self.initialize(handshake["conf"], handshake["context"])
        while True:
            self.handle(self.read())


class Spout(Component):
    def next(self):
        pass

    def ack(self, id):
        pass

    def fail(self, id):
        pass

    def handle(self, message):
        if message["command"] == "next":
            self.next()
        elif message["command"] == "ack":
            self.ack(message["id"])
        elif message["command"] == "fail":
            self.fail(message["id"])
        self.send(command="sync")


class Bolt(Component):
    def process(self, tuple):
        pass

    def tick(self):
        pass

    def handle(self, tuple):
        """Acks the tuple, or fails it if process() raises."""
        if tuple["stream"] == "__heartbeat":
            self.send(command="sync")
            return
        try:
            if tuple["stream"] == "__tick":
                self.tick()
            else:
                self.process(tuple)
            self.send(command="ack", id=tuple["id"])
        except Exception:
            self.send(command="error", msg=traceback.format_exc())
            self.send(command="fail", id=tuple["id"])
