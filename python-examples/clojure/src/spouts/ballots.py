from streamparse.spout import Spout

DISTRICTS = ["north", "east", "south", "west"]
CHOICES = ["tea", "coffee", "milk", "", "tea"]


class BallotSpout(Spout):
    """Emits ballots: votes.count of them, 1000 unless that is set."""

    def initialize(self, conf, ctx):
        self.left = conf.get("votes.count", 1000)

    def next_tuple(self):
        if self.left == 0:
            return
        self.left -= 1
        district = DISTRICTS[self.left % len(DISTRICTS)]
        choice = CHOICES[self.left % len(CHOICES)]
        self.emit([district, choice], tup_id=self.left)
