from streamparse import ReliableSpout


class DeckSpout(ReliableSpout):
    """Draws the cards of one deck."""

    outputs = ["card"]

    def initialize(self, conf, ctx):
        suits = ["clubs", "diamonds", "hearts", "spades"]
        self.cards = iter(["{} of {}".format(rank, suit) for suit in suits for rank in range(1, 14)])

    def next_tuple(self):
        card = next(self.cards, None)
        if card is not None:
            self.emit([card], tup_id=card)
