from streamparse import Bolt


class WorkBolt(Bolt):
    """Tries a job. Some are hard: they succeed at the second attempt, the third,
    or the fourth."""

    outputs = ["job", "attempt", "success"]

    def process(self, tup):
        job, attempt = tup.values
        self.emit([job, attempt, attempt > job % 4])
