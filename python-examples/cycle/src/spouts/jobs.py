from streamparse import ReliableSpout


class JobSpout(ReliableSpout):
    """Emits `jobs.count` jobs, each for its first attempt."""

    outputs = ["job", "attempt"]

    def initialize(self, conf, ctx):
        self.jobs = iter(range(conf["jobs.count"]))

    def next_tuple(self):
        job = next(self.jobs, None)
        if job is not None:
            self.emit([job, 1], tup_id=job)
