import json
import os

from streamparse import Bolt

import ledger


class Writer(Bolt):
    """Writes down each number, and the task that got its key."""

    def initialize(self, conf, context):
        self.dir, self.task = conf["ledger.dir"], context["taskid"]

    def process(self, tup):
        number, key = tup.values
        if ledger.has(self.dir, "ask"):
            os.remove(os.path.join(self.dir, "ask"))
            ledger.append(self.dir, "told", credentials())
        if ledger.has(self.dir, "crash"):
            os.remove(os.path.join(self.dir, "crash"))
            raise ValueError("the ledger is on fire")
        ledger.append(self.dir, "written", "%d:%s:%d" % (number, key, self.task))


def credentials():
    """What the topology may know, as one word."""
    try:
        with open(os.environ["STORM_CREDENTIALS_FILE"]) as file:
            mode = os.fstat(file.fileno()).st_mode & 0o777
            return "%o:" % mode + ",".join("%s=%s" % pair for pair in sorted(json.load(file).items()))
    except FileNotFoundError:
        return "nothing"
