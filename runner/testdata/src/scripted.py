"""Components that follow a script: a tuple's first value is a list of steps, each a list
of the step's name and its arguments."""
import datetime
import decimal
import logging
import os
import signal
import subprocess
import sys
import threading
from collections import OrderedDict, namedtuple
from enum import Enum, IntEnum

from pystorm import Component
from streamparse import BatchingBolt, Bolt, ReliableSpout, Spout, TicklessBatchingBolt

Point = namedtuple("Point", "x y")


class Color(IntEnum):
    RED = 1


class Word(str):
    pass


class Share(float):
    def __repr__(self):
        return "Share"


class Shape(str, Enum):
    ROUND = "round"


circle = []
circle.append(circle)

# What JSON text in the input cannot say.
VALUES = {
    "decimal": decimal.Decimal("1.10"),
    "nan": float("nan"),
    "inf": float("inf"),
    "big": 10**40,
    "datetime": datetime.datetime(2020, 1, 2, 3, 4, 5),
    "bytes": b"caf\xc3\xa9",
    "bad bytes": b"\xff",
    "point": Point(1, "two"),
    "red": Color.RED,
    "word": Word("word"),
    "share": Share(1.5),
    "round": Shape.ROUND,
    "surrogate": "\ud800",
    "separator": "a\u2028b\x7f\x00\x1f\U0001f600é/\\\"",
    "set": {1},
    "object": object,
    "deep": {"a": [1, {"b": (2.0, None, True, -0.0, 1e300, 1e-7)}], "ü": "ü"},
    "keys": OrderedDict([(1, "a"), (None, "b"), (True, "c"), (2.5, "d")]),
    "decimal inside": [[decimal.Decimal("2.50")]],
    "nan inside": {"x": float("nan")},
    "tuple key": {(1, 2): 3},
    "circle": circle,
    "generator": (n for n in ()),
}


def own_debugger():
    print("the user's own debugger")


class Failure(Exception):
    pass


class Steps:
    """What the steps do, for bolts and spouts."""

    def initialize(self, conf, context):
        for name, value in (conf.get("attributes") or {}).items():
            setattr(self, name, value)

    def follow(self, steps, tup=None):
        for step in steps:
            getattr(self, "do_" + step[0])(tup, *step[1:])

    def do_emit(self, tup, values, options=None):
        values = [VALUES[v[1]] if isinstance(v, list) and v[:1] == ["value"] else v for v in values]
        options = dict(options or {})
        if options.pop("as_tuple", False):
            values = tuple(values)
        if isinstance(options.get("tup_id"), list):
            options["tup_id"] = VALUES[options["tup_id"][1]]
        if options.get("anchors") == "tuple":
            options["anchors"] = [tup, "77"]
        found = self.emit(values, **options)
        if found is not None:
            self.log("went to {}".format(found))

    def do_emit_text(self, tup):
        self.emit("no list")

    def do_log(self, tup, message, level=None):
        self.log(message, level)

    def do_logger(self, tup, level, message):
        getattr(self.logger, level)(message)

    def do_other_logger(self, tup, message):
        logging.getLogger("elsewhere").warning(message)

    def do_metric(self, tup, name, value):
        self.report_metric(name, value)

    def do_send(self, tup, message):
        self.send_message(message)

    def do_raise(self, tup, message):
        raise Failure(message)

    def do_exit(self, tup, status):
        sys.exit(status)

    def do_os_exit(self, tup, status):
        os._exit(status)

    def do_terminate(self, tup):
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()

    def do_print(self, tup, text, options=None):
        print(text, **(options or {}))

    def do_write(self, tup, text):
        sys.stdout.buffer.write(text.encode())

    def do_os_write(self, tup, text):
        os.write(1, text.encode())

    def do_subprocess(self, tup, text):
        subprocess.run(["sh", "-c", "cat; echo " + text], check=True)

    def do_input(self, tup):
        try:
            self.log("read " + input())
        except EOFError:
            self.log("found no input")

    def do_breakpoint(self, tup):
        breakpoint()

    def do_pdb(self, tup):
        import pdb

        pdb.set_trace()

    def do_fork(self, tup):
        child = os.fork()
        if child == 0:
            self.log("from the child")
            os._exit(0)
        os.waitpid(child, 0)

    def do_thread(self, tup, steps):
        thread = threading.Thread(target=self.follow, args=(steps, tup))
        thread.start()
        thread.join()

    def do_thread_later(self, tup, steps):
        go = threading.Event()
        signal.signal(signal.SIGUSR2, lambda signum, frame: go.set())

        def later():
            go.wait()
            self.follow(steps, tup)

        threading.Thread(target=later, daemon=True).start()

    def do_thread_that_prints(self, tup):
        def tell():
            while True:
                print("printed", flush=True)

        threading.Thread(target=tell, daemon=True).start()

    def do_wait_for_ever(self, tup):
        threading.Event().wait()

    def do_thread_that_stays(self, tup):
        threading.Thread(target=threading.Event().wait, daemon=True).start()


class ScriptedBolt(Steps, Bolt):
    outputs = ["value"]

    def process(self, tup):
        self.follow(tup.values[0], tup)

    def process_tick(self, tup):
        self.log("tick {}".format(tup.values[0]))

    def do_ack(self, tup, tup_id=None):
        self.ack(tup if tup_id is None else tup_id)

    def do_fail(self, tup, tup_id=None):
        self.fail(tup if tup_id is None else tup_id)


class ScriptedSpout(Steps, Spout):
    """Its `next` takes the steps from the conf, one list for each call."""

    outputs = ["value"]

    def initialize(self, conf, context):
        super().initialize(conf, context)
        self.rounds = iter(conf["rounds"])

    def next_tuple(self):
        self.follow(next(self.rounds, []))

    def activate(self):
        self.log("activated")

    def deactivate(self):
        self.log("deactivated")


class ScriptedReliableSpout(ScriptedSpout, ReliableSpout):
    pass


class TellingSpout(ScriptedSpout):
    def ack(self, tup_id):
        self.log("acked {!r}".format(tup_id))

    def fail(self, tup_id):
        self.log("failed {!r}".format(tup_id))


class Typed(ScriptedBolt):
    """Says what it gets."""

    def process(self, tup):
        self.log(repr(tup))
        self.log(repr(getattr(tup.values, "_fields", None)))


class Batches(Steps, BatchingBolt):
    outputs = ["value"]

    def group_key(self, tup):
        return tup.values[0]

    def process_batch(self, key, tups):
        if key == "bad":
            raise Failure("a bad batch")
        self.emit([key, len(tups)])


class Tickless(Batches, TicklessBatchingBolt):
    secs_between_batches = 0.5


# Components that replace what the fast runner replaces.


class OwnReadTuple(ScriptedBolt):
    def read_tuple(self):
        tup = super().read_tuple()
        self.log("read {}".format(tup.id))
        return tup


class OwnReadMessage(ScriptedBolt):
    def read_message(self):
        message = super().read_message()
        self.read = getattr(self, "read", 0) + 1
        return message

    def process(self, tup):
        self.log("after {} messages".format(self.read))
        super().process(tup)


class OwnEmit(ScriptedBolt):
    def emit(self, tup, **kwargs):
        return super().emit(list(tup) + ["and more"], **kwargs)


class Behind(Component):
    """Stands between pystorm's Bolt and its Component."""

    def emit(self, tup, **kwargs):
        return super().emit(list(tup) + ["from behind"], **kwargs)


class EmitsFromBehind(ScriptedBolt, Behind):
    pass


class OwnAck(ScriptedBolt):
    def ack(self, tup):
        self.log("acks {}".format(tup.id))
        super().ack(tup)


class OwnFail(ScriptedBolt):
    def fail(self, tup):
        self.log("fails {}".format(tup.id))
        super().fail(tup)


class OwnSendMessage(ScriptedBolt):
    def send_message(self, message):
        super().send_message(dict(message, seen=True) if isinstance(message, dict) else message)


class OwnSpoutSendMessage(ScriptedSpout):
    def send_message(self, message):
        super().send_message(dict(message, seen=True))


class OwnRun(ScriptedBolt):
    def run(self):
        try:
            super().run()
        finally:
            self.log("ran")


class OwnInnerRun(ScriptedBolt):
    def _run(self):
        self.log("before")
        super()._run()
        self.log("after")


class OwnHandler(ScriptedBolt):
    exit_on_exception = False

    def _handle_run_exception(self, exc):
        self.log("handles {!r}".format(exc))
        super()._handle_run_exception(exc)


class OwnSetup(ScriptedBolt):
    def _setup_component(self, conf, context):
        super()._setup_component(conf, context)
        self._source_tuple_types["source"]["default"] = Point

    def process(self, tup):
        self.log(repr(tup.values))


class OwnHeartbeat(ScriptedBolt):
    @staticmethod
    def is_heartbeat(tup):
        return False


class OwnSerializer(ScriptedBolt):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        stock = self.serializer.__class__.__mro__[1] if "Fast" in type(self.serializer).__name__ else None
        self.kind = "fast" if stock else "stock"
        self.serializer = self.serializer

    def process(self, tup):
        self.log("with {}".format(self.kind))


class WritesItself(ScriptedBolt):
    def process(self, tup):
        stream = self.serializer.output_stream
        stream.write('{"command": "log", "msg": "by hand"}\nend\n')
        stream.flush()


class EmitsReplaced(ScriptedBolt):
    """Replaces methods of the instance while it initialises."""

    def initialize(self, conf, context):
        super().initialize(conf, context)
        send = self.send_message

        def send_message(message):
            send(dict(message, late=True))

        self.send_message = send_message


class Helper(ScriptedBolt):
    """Has another component inside, which talks for it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.other = ScriptedBolt(*args, **kwargs)

    def process(self, tup):
        self.other._current_tups = [tup]
        self.other.emit(["by the other one"])
        super().process(tup)


class NoAutoAck(ScriptedBolt):
    auto_ack = False


class NoAutoAnchor(ScriptedBolt):
    auto_anchor = False


class Tolerant(ScriptedBolt):
    exit_on_exception = False


class TolerantSpout(ScriptedSpout):
    exit_on_exception = False


class TolerantNoAutoFail(Tolerant):
    auto_fail = False


class TolerantBatches(Batches):
    exit_on_exception = False


class WaitsInInitialize(ScriptedBolt):
    def initialize(self, conf, context):
        self.log("initialises")
        threading.Event().wait()


class EmitsInInitialize(ScriptedBolt):
    def initialize(self, conf, context):
        super().initialize(conf, context)
        self.log("initialises")
        self.emit(["early"])


class OwnStreams(ScriptedBolt):
    """Names the streams that are the default."""

    def __init__(self, serializer):
        super().__init__(input_stream=sys.stdin, output_stream=sys.stdout, serializer=serializer)


def factory(serializer):
    return ScriptedBolt(serializer=serializer)
