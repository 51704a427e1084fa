from streamparse import Grouping, Topology

from bolts import Writer
from spouts import Numbers


class Ledger(Topology):
    numbers = Numbers.spec()
    writer = Writer.spec(inputs={numbers: Grouping.fields("key")}, par=2)
