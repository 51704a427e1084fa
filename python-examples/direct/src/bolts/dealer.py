from itertools import cycle

from streamparse import Bolt, Stream


class DealerBolt(Bolt):
    """Deals the cards to the players in turn, each by its task; shows each to one of
    the observers, which Storm chooses; and notes who got it and who saw it."""

    outputs = [
        Stream(fields=["card"], name="hand", direct=True),
        Stream(fields=["card"], name="shown"),
        Stream(fields=["card", "player", "observers"], name="notes"),
    ]

    def initialize(self, conf, ctx):
        tasks = ctx["task->component"].items()
        self.players = cycle(sorted(int(task) for task, name in tasks if name == "player"))

    def process(self, tup):
        card = tup.values.card
        player = next(self.players)
        self.emit([card], stream="hand", direct_task=player)
        observers = self.emit([card], stream="shown", need_task_ids=True)
        self.emit([card, player, observers], stream="notes")
