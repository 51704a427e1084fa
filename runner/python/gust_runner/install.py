"""Replaces pystorm's parts by the fast ones, for one component."""
import importlib

from pystorm import bolt, component, spout

from . import ending, loops, serializers, versions
from .methods import Methods
from .overrides import Originals, needs_stock


def early_component(name, pipes):
    """Makes a component that can read the handshake while the real one is imported or made."""
    stock = component._SERIALIZERS[name]
    if not isinstance(stock, type):  # the real one is being made, and will share the serializer
        return component.Component(serializer=name)
    serializers.put_in_place(name, pipes)
    try:
        return component.Component(serializer=name)
    finally:
        component._SERIALIZERS[name] = stock


class Runner:
    """Makes a component and runs it, as fast as its class allows.

    `why_not` says which part pystorm has to do itself, or is None.
    """

    def __init__(self, pystorm, serializer, pipes):
        self.why_not = None
        self._pipes = pipes
        self._pystorm = pystorm
        self._serializer = serializer
        self._originals = Originals(
            component.Component,
            bolt.Bolt,
            bolt.BatchingBolt,
            bolt.TicklessBatchingBolt,
            spout.Spout,
            spout.ReliableSpout,
        )
        self._methods = Methods(self._originals)

    def unknown_release(self):
        """Why the installed libraries are not known to work, or None."""
        streamparse = importlib.import_module("streamparse.version")
        return versions.unknown(self._pystorm.VERSION, streamparse.VERSION)

    def make(self, cls, why):
        """Makes the component. If `why` is given, pystorm does everything itself."""
        name = self._serializer
        if why is None:
            why = needs_stock(cls)
        if why is not None:
            self.why_not = "pystorm runs unchanged: " + why
        if why is not None or not issubclass(cls, component.Component):
            self._pipes.put_back()
            return cls(serializer=name)
        fast = serializers.put_in_place(name, self._pipes)
        made = cls(serializer=name)
        if not isinstance(getattr(made, "serializer", None), fast):
            self._pipes.put_back()
            self.why_not = "pystorm runs unchanged: it does not read from stdin, or has its own serializer"
            return made
        made.serializer.unsendable.component = made
        ending.flush_at_any_end(made.serializer.outbox)
        made.serializer.takes_packs = self._install(made) is not None
        return made

    def _install(self, made):
        """Chooses what to replace, by the component's present methods."""
        vars(made).pop("_run", None)
        self._methods.remove()
        run, replaced = loops.loop_for(made, self._originals)
        self._methods.put(made)
        if run is None:
            self.why_not = "one tuple at a time: {} has its own {}".format(
                type(made).__qualname__, ", ".join(replaced)
            )
        return run

    def run(self, made):
        """Runs the component until its end."""
        outbox = getattr(getattr(made, "serializer", None), "outbox", None)
        if outbox is None:
            return made.run()
        if self.why_not is None:
            made._run = lambda: self._first(made)
        try:
            return made.run()
        finally:
            outbox.hold(False)

    def _first(self, made):
        """The first `_run`: initialize may have replaced the component's methods."""
        made.serializer.speak_packs()
        run = self._install(made)
        if run is not None:
            made._run = run
        return made._run()
