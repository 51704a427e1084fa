"""breakpoint() and pdb.set_trace(), in a process whose stdin is not a keyboard.

They report where they are, and the component continues: a debugger would wait for
input that never comes, and the host would kill the component, which does not answer. A
debugger with its own connection (remote_pdb, debugpy) works as before; PYTHONBREAKPOINT
names it.
"""
import importlib.util
import os
import sys

from .places import place

_ADVICE = (
    "{} at {}: no debugger is attached, so the component continues\n"
    "hint: with PYTHONBREAKPOINT=remote_pdb.set_trace it stops there and waits for a connection"
    " (python3 -m pip install remote-pdb); raise topology.subprocess.timeout.secs while you debug"
)


class Breakpoints:
    """Reports each place once, with `tell`, which writes to stderr unless it is replaced."""

    def __init__(self):
        self.tell = lambda text: print(text, file=sys.stderr, flush=True)
        self._told = set()

    def install(self):
        """Replaces the debugger that reads stdin."""
        if not os.environ.get("PYTHONBREAKPOINT"):
            sys.breakpointhook = lambda *args, **kwargs: self._reached("breakpoint()", sys._getframe(1))
        if "pdb" in sys.modules:
            self._patch(sys.modules["pdb"])
        else:
            sys.meta_path.insert(0, _WhenImported("pdb", self._patch))

    def _reached(self, call, frame):
        where = place(frame)
        if where not in self._told:
            self._told.add(where)
            self.tell(_ADVICE.format(call, where))

    def _patch(self, pdb):
        stock = pdb.Pdb.set_trace

        def set_trace(debugger, frame=None, *args, **kwargs):
            frame = frame or sys._getframe(1)
            if debugger.stdin is not sys.stdin:
                return stock(debugger, frame, *args, **kwargs)
            return self._reached("pdb.set_trace()", frame)

        pdb.Pdb.set_trace = set_trace


_stock = Breakpoints()


def stock(*args, **kwargs):
    """What PYTHONBREAKPOINT names in a component that pystorm runs unchanged."""
    _stock._reached("breakpoint()", sys._getframe(1))


class _WhenImported:
    """A finder that calls `then` with a module after its import: to import it early would take too long."""

    def __init__(self, name, then):
        self._name, self._then = name, then

    def find_spec(self, name, path=None, target=None):
        if name != self._name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None:
            stock = spec.loader.exec_module

            def exec_module(module):
                stock(module)
                self._then(module)

            spec.loader.exec_module = exec_module
        return spec
