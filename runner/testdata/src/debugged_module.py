"""A component whose module has a breakpoint."""
from streamparse import Bolt

factor = 2
breakpoint()


class DebuggedModule(Bolt):
    outputs = ["value"]

    def process(self, tup):
        self.emit([factor * tup.values[0]])


class UnchangedModule(DebuggedModule):
    """pystorm runs it as it is."""

    def streams(self):
        return self.serializer.input_stream, self.serializer.output_stream
