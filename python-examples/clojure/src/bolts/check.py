from streamparse.bolt import Bolt


class CheckBolt(Bolt):
    """Sorts the blank ballots out."""

    def process(self, tup):
        district, choice = tup.values
        if choice:
            self.emit([district, choice], stream="valid")
        else:
            self.emit([district], stream="void")
