from streamparse import Grouping, ShellBolt, ShellSpout, Stream, Topology
from streamparse.thrift import GlobalStreamId

from bolts.words import Count, Words as WordsWords
from spouts.more import Words as MoreWords
from spouts.words import Words

# What a class emits is declared in the class: these lines belong there.
WordsWords.outputs = ["word"]
MoreWords.outputs = [Stream(["word"]), Stream(["word", "when"], name="late")]
Words.outputs = ["word"]


class Every(Topology):
    config = {"topology.message.timeout.secs": 60}
    word_spout = Words.spec(name="word spout", par=2)
    class_2 = MoreWords.spec(name="class")
    Grouping_2 = ShellSpout.spec(
        name="Grouping",
        command="node",
        script="clock \"x\".js",
        outputs=[Stream([])],
    )
    _1st = WordsWords.spec(
        name="1st",
        inputs={word_spout: Grouping.SHUFFLE, class_2["late"]: Grouping.SHUFFLE, GlobalStreamId(componentId="1st", streamId="default"): Grouping.fields("word"), GlobalStreamId(componentId="count_2", streamId="default"): Grouping.ALL},
        config={"a": [1, 2.0, None, True, {"b": {}}], "näme": "é\n\\", "topology.tick.tuple.freq.secs": 5},
    )
    Count.outputs = [Stream([])]
    count_2 = Count.spec(inputs={_1st: Grouping.fields("word"), Grouping_2: Grouping.GLOBAL})
    Count.outputs = [Stream(["x"], name="aimed", direct=True)]
    count_2_2 = Count.spec(
        name="count-2",
        inputs={class_2["late"]: Grouping.LOCAL_OR_SHUFFLE},
        par=3,
    )
    config_2 = ShellBolt.spec(
        name="config",
        command="ruby",
        script="config.rb",
        outputs=["x", "y"],
        inputs={count_2_2["aimed"]: Grouping.DIRECT, word_spout: Grouping.NONE},
    )
