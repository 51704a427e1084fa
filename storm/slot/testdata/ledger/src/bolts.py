import os

from streamparse import Bolt

import ledger


class Writer(Bolt):
    """Writes down each number, and the task that got its key."""

    def initialize(self, conf, context):
        self.dir, self.task = conf["ledger.dir"], context["taskid"]

    def process(self, tup):
        number, key = tup.values
        if ledger.has(self.dir, "crash"):
            os.remove(os.path.join(self.dir, "crash"))
            raise ValueError("the ledger is on fire")
        ledger.append(self.dir, "written", "%d:%s:%d" % (number, key, self.task))
