import json
import os

from streamparse import Bolt


class RecordBolt(Bolt):
    """The last bolt: appends each tuple's values, as a line of JSON, to
    COMPONENT-TASK.jsonl in the folder that the option results.dir names."""

    def initialize(self, conf, ctx):
        path = os.devnull
        if conf.get("results.dir"):
            name = "{componentid}-{taskid}.jsonl".format_map(ctx)
            path = os.path.join(conf["results.dir"], name)
        self.results = open(path, "a", buffering=1)

    def process(self, tup):
        print(json.dumps(tup.values), file=self.results)
