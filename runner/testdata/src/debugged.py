"""Components with breakpoints."""
import pdb
import threading

from streamparse import Bolt


def doubled(number):
    result = 2 * number
    return result


class Debugged(Bolt):
    outputs = ["value"]

    def process(self, tup):
        number = tup.values[0]
        breakpoint()
        double = doubled(number)
        self.emit([double])


class DebuggedByPdb(Bolt):
    outputs = ["value"]

    def process(self, tup):
        pdb.set_trace()
        self.emit(tup.values)


class DebuggedAtStart(Bolt):
    outputs = ["value"]

    def initialize(self, conf, context):
        breakpoint()
        self.log("initialized")

    def process(self, tup):
        self.emit(tup.values)


class DebuggedInThread(Bolt):
    outputs = ["value"]

    def process(self, tup):
        def work():
            breakpoint()
            self.log("worked")

        threading.Thread(target=work).start()


class HasOwnStreams(Debugged):
    """pystorm runs it as it is."""

    def streams(self):
        return self.serializer.input_stream, self.serializer.output_stream


class DebuggedWhenMade(Bolt):
    outputs = ["value"]

    def __init__(self, *args, **kwargs):
        breakpoint()
        super().__init__(*args, **kwargs)

    def process(self, tup):
        self.emit([2 * tup.values[0]])
