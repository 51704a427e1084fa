from streamparse import Bolt, Stream


class ReviewBolt(Bolt):
    """Sends a job that did not succeed back for another attempt. After the third
    it gives up."""

    outputs = [
        Stream(fields=["job", "attempt"]),
        Stream(fields=["job", "attempt"], name="retry"),
        Stream(fields=["job", "attempt"], name="given_up"),
    ]
    max_attempts = 3

    def process(self, tup):
        job, attempt, success = tup.values
        if success:
            self.emit([job, attempt])
        elif attempt < self.max_attempts:
            self.emit([job, attempt + 1], stream="retry")
        else:
            self.emit([job, attempt], stream="given_up")
