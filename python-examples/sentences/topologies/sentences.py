from streamparse import Grouping, Topology

from bolts.flaky import FlakyBolt
from bolts.record import RecordBolt
from bolts.split import SplitBolt
from spouts.sentences import SentenceSpout


class Sentences(Topology):
    sentences = SentenceSpout.spec()
    flaky = FlakyBolt.spec(inputs=[sentences])
    split = SplitBolt.spec(inputs=[flaky], par=2)
    words = RecordBolt.spec(inputs={split: Grouping.fields("word")}, par=2)
    rejected = RecordBolt.spec(inputs=[split["rejected"]])
    config = {"sentences.count": 200, "topology.max.spout.pending": 100}
