from streamparse import Grouping, Topology

from bolts.dealer import DealerBolt
from bolts.record import RecordBolt
from spouts.deck import DeckSpout


class Deal(Topology):
    deck = DeckSpout.spec()
    dealer = DealerBolt.spec(inputs=[deck])
    player = RecordBolt.spec(inputs={dealer["hand"]: Grouping.DIRECT}, par=4)
    observer = RecordBolt.spec(inputs={dealer["shown"]: Grouping.SHUFFLE}, par=2)
    notes = RecordBolt.spec(inputs=[dealer["notes"]])
