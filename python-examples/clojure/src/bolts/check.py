from streamparse.bolt import Bolt


class CheckBolt(Bolt):
    """Separates the blank ballots from the valid ones."""

    def process(self, tup):
        district, choice = tup.values
        if choice:
            self.emit([district, choice], stream="valid")
        else:
            self.emit([district], stream="void")
