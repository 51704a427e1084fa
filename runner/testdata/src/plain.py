"""A component that is none of streamparse's."""


class Plain:
    def __init__(self, serializer):
        self.serializer = serializer

    def run(self):
        print("plain", self.serializer)


class Uses:
    """Prints what a component's module finds."""

    def __init__(self, serializer):
        pass

    def run(self):
        import sys

        import pystorm
        import streamparse
        from streamparse import Grouping, Stream, Topology

        class Made(streamparse.Bolt):
            outputs = [Stream(fields=["a"], name="s")]

        print(sys.argv[1:], sys.path[0], sys.path[-1])
        print(Made.spec(name="made").outputs, Grouping.fields("a"), Topology.__name__)
        print(streamparse.__version__, sorted(streamparse.__all__), streamparse.thrift.__name__)
        print(isinstance(Made, type), streamparse.dsl.Stream is Stream, pystorm.__version__)
        print(streamparse.Bolt.__mro__)
