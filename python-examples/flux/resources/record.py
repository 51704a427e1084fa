import json
import os

import storm


class Record(storm.Bolt):
    """Appends each tuple to COMPONENT-TASK.jsonl in the folder that results.dir names."""

    def initialize(self, conf, context):
        path = os.devnull
        if conf.get("results.dir"):
            name = "{componentid}-{taskid}.jsonl".format_map(context)
            path = os.path.join(conf["results.dir"], name)
        self.results = open(path, "a", buffering=1)

    def process(self, tuple):
        print(json.dumps(tuple["tuple"]), file=self.results)


Record().run()
