"""Runs pystorm's or streamparse's own test-suite against the fast runner.

    python run.py RUNNER SUITE

RUNNER is the folder of gust_runner, SUITE an unpacked source distribution. The last
line counts the tests that ran on fast methods and loops, to show that they were used.

The suites make components that never run, on streams in memory, and replace
methods in the middle. So here the runner decides at each call what it replaces, not
once for a component.
"""
import functools
import os
import sys

import pytest

sys.path.insert(0, sys.argv[1])

from gust_runner import light  # noqa: E402

pystorm = light.import_pystorm("msgpack")
light.place_streamparse()

from gust_runner import inbox, install, loops, serializers, start  # noqa: E402
from pystorm import bolt, component, spout  # noqa: E402
from pystorm.serializers import json_serializer, msgpack_serializer  # noqa: E402

dispatchers = {}
calls = {"fast": 0, "stock": 0, "loop": 0, "stock loop": 0}


class NoPipes:
    """The streams of a test are in memory, and stay where they are."""

    def move(self):
        pass

    def put_back(self):
        pass

    def are(self, *streams):
        return streams == (sys.stdin, sys.stdout)


runner = install.Runner(pystorm, "json", NoPipes())
OWNERS = {
    bolt.Bolt: ("emit", "ack", "fail", "_run"),
    bolt.BatchingBolt: ("_run",),
    bolt.TicklessBatchingBolt: ("_run",),
    spout.Spout: ("emit", "_run"),
}
stock = {(owner, name): vars(owner)[name] for owner, names in OWNERS.items() for name in names}


class Streams:
    """The streams of a serializer of a test: in memory, and another one at any time."""

    def __init__(self, serializer):
        self._serializer = serializer

    def read(self):
        data = self._serializer.input_stream.read(inbox.CHUNK)
        return data.encode() if isinstance(data, str) else data

    def write(self, data):
        stream = self._serializer.output_stream
        if isinstance(self._serializer.serialize_dict({}), str):
            data = data.decode()
        stream.flush()
        stream.write(data)

    def flush(self):
        self._serializer.output_stream.flush()


def in_memory(name):
    """The fast serializer, with the attributes that pystorm's tests look at."""
    wrap = getattr(component._SERIALIZERS[name], "_wrap_stream", lambda stream: stream)

    class InMemory(serializers.fast_serializer(name)):
        def __init__(self, input_stream, output_stream, reader_lock, writer_lock):
            self.reader = lambda stream: Streams(self).read
            self.writer = lambda stream: Streams(self)
            super().__init__(input_stream, output_stream, reader_lock, writer_lock)
            self.input_stream = wrap(input_stream)
            self.output_stream = wrap(output_stream)

    return InMemory


def put_dispatchers():
    for (owner, name), method in stock.items():
        dispatchers[owner, name] = dispatcher(owner, name, method)
        setattr(owner, name, dispatchers[owner, name])


class without_dispatchers:
    """With pystorm's own methods, and what a test has put in their place."""

    def __enter__(self):
        self._away = [at for at in stock if vars(at[0])[at[1]] is dispatchers[at]]
        for owner, name in self._away:
            setattr(owner, name, stock[owner, name])

    def __exit__(self, *_):
        runner._methods.remove()
        for owner, name in self._away:
            setattr(owner, name, dispatchers[owner, name])


def dispatcher(owner, name, method):
    """Calls the fast method where the runner would have put it."""

    @functools.wraps(method)
    def call(self, *args, **kwargs):
        with without_dispatchers():
            loop, _ = loops.loop_for(self, runner._originals)
            runner._methods.put(self)
            if name == "_run":
                calls["stock loop" if loop is None else "loop"] += 1
                return method(self) if loop is None else one_message(self, loop)
            found = vars(owner)[name]
            calls["stock" if found is method else "fast"] += 1
            return found(self, *args, **kwargs)

    return call


class Done(Exception):
    """The message in hand is done."""


def one_message(instance, loop):
    """One `_run` of a test, which is for one message: where a loop would wait for more, it ends."""
    box = instance.serializer.inbox
    loop()  # takes the message in hand

    def turn(*_):
        raise Done

    box.turn = turn
    try:
        loop()
    except Done:
        pass
    finally:
        del box.turn


def main():
    component._SERIALIZERS["json"] = json_serializer.JSONSerializer = in_memory("json")
    component._SERIALIZERS["msgpack"] = msgpack_serializer.MsgpackSerializer = in_memory("msgpack")
    put_dispatchers()
    from streamparse import run

    def streamparse_run():
        start.RESOURCES = run.RESOURCES_PATH
        start.main("auto", NoPipes())

    run.main, stock_main = streamparse_run, run.main
    start.streamparse_run = stock_main
    os.chdir(sys.argv[2])
    sys.path.insert(0, sys.argv[2])
    result = pytest.main(["-q", "-p", "no:cacheprovider", "--tb=short", "test"])
    print(" ".join("{}={}".format(what.replace(" ", "-"), n) for what, n in calls.items()))
    sys.exit(result)


main()
