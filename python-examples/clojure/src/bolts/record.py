import json
import os

from streamparse.bolt import Bolt


class RecordBolt(Bolt):
    """The last bolt: appends each tuple's values, as a line of JSON, to
    COMPONENT-TASK.jsonl in the folder that the option results.dir names."""

    def initialize(self, conf, ctx):
        path = os.devnull
        if conf.get("results.dir"):
            name = "%s-%s.jsonl" % (ctx["componentid"], ctx["taskid"])
            path = os.path.join(conf["results.dir"], name)
        self.results = open(path, "a")

    def process(self, tup):
        self.results.write(json.dumps(tup.values) + "\n")
        self.results.flush()
