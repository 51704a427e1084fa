from streamparse import Bolt


class WorkBolt(Bolt):
    """Tries a job. Some are hard, and succeed only at the second, third or
    fourth attempt."""

    outputs = ["job", "attempt", "success"]

    def process(self, tup):
        job, attempt = tup.values
        self.emit([job, attempt, attempt > job % 4])
