"""The components alone: without a topology, and without gust."""

from io import BytesIO
from types import SimpleNamespace
from unittest.mock import Mock

from bolts.wordcount import WordCountBolt
from spouts.words import WordSpout


def started(component_class):
    """A started component whose emits are only recorded."""
    component = component_class(input_stream=BytesIO(), output_stream=BytesIO())
    component.emit, component.logger = Mock(), Mock()
    component.initialize({}, {})
    return component


def emitted(component):
    return [call.args[0] for call in component.emit.call_args_list]


def test_the_spout_begins_again_at_the_end():
    spout = started(WordSpout)
    for _ in range(12):
        spout.next_tuple()
    words = [values[0] for values in emitted(spout)]
    assert words[:3] == ["the", "storm", "bent"]
    assert words[11] == words[0]


def test_the_bolt_counts_each_word_for_itself():
    bolt = started(WordCountBolt)
    for word in ["reed", "root", "reed"]:
        bolt.process(SimpleNamespace(values=SimpleNamespace(word=word)))
    assert emitted(bolt) == [["reed", 1], ["root", 1], ["reed", 2]]
