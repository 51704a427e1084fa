from streamparse import Grouping, Topology

from counts import CountBolt
from words import WordSpout


class WordCount(Topology):
    words = WordSpout.spec()
    count = CountBolt.spec(inputs={words: Grouping.fields("word")}, par=2)
