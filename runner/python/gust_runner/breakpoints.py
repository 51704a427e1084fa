"""breakpoint() and pdb.set_trace(), in a process whose stdin is not a keyboard.

If the host offers it, the component stops there until a terminal attaches to its debugger
(debugger.py), and tells the host, so that nothing times out meanwhile. Otherwise, as on
Storm, they report where they are, and the component continues: a debugger would wait for
input that never comes, and the host would kill the component, which does not answer.

A debugger with its own connection (debugpy, remote_pdb) works too; PYTHONBREAKPOINT names
it.
"""
import importlib
import importlib.util
import os
import sys

from .places import place, position

_ADVICE = (
    "{} at {}: no debugger is attached, so the component continues\n"
    "hint: `gust run` with the fast runner stops there for `gust attach`; elsewhere it stops with"
    " PYTHONBREAKPOINT=remote_pdb.set_trace (python3 -m pip install remote-pdb) and a longer"
    " topology.subprocess.timeout.secs"
)
OFFER = "gust.breakpoints"
HOOK = "PYTHONBREAKPOINT"
OURS = ("", "pdb.set_trace")  # the hooks that mean the debugger that gust brings to a terminal
DEBUGPY = "debugpy.breakpoint"


class Breakpoints:
    """Stops at each place, or reports it once, with `tell`, which writes to stderr unless it is replaced."""

    def __init__(self):
        self.tell = lambda text: print(text, file=sys.stderr, flush=True)
        self._told = set()
        self._host = None  # that has offered to wait; None if it has not

    def install(self):
        """Replaces the debugger that reads stdin, and the hook that calls another one."""
        hook = os.environ.get(HOOK, "")
        if hook in OURS:
            sys.breakpointhook = lambda *args, **kwargs: self._reached("breakpoint()", sys._getframe(1))
        elif hook != "0":
            sys.breakpointhook = lambda *args, **kwargs: self._other(hook, args, kwargs)
        if "pdb" in sys.modules:
            self._patch(sys.modules["pdb"])
        else:
            sys.meta_path.insert(0, _WhenImported("pdb", self._patch))

    def await_offer(self, component):
        """Takes the host's offer when the component has read the handshake, which has it."""
        stock = component.read_handshake

        def read_handshake():
            vars(component).pop("read_handshake", None)
            conf, context = stock()
            directory = conf.get(OFFER)
            if type(directory) is str:
                self._host = Host(component, directory)
            return conf, context

        component.read_handshake = read_handshake

    def _reached(self, call, frame):
        if self._host is None or self._host.is_not_ours():
            return self._report(call, frame)
        from .debugger import stop_at

        stop_at(frame, self._host)

    def _report(self, call, frame):
        where = place(frame)
        if where not in self._told:
            self._told.add(where)
            self.tell(_ADVICE.format(call, where))

    def _other(self, hook, args, kwargs):
        """Calls the debugger that PYTHONBREAKPOINT names. It may stop later, or not at all: the host finds out."""
        host, ours = self._host, sys.breakpointhook
        if host is None or host.is_not_ours():
            return sys.__breakpointhook__(*args, **kwargs)
        at = position(sys._getframe(2))
        address = _listen(host) if hook == DEBUGPY else None
        host.say("gust.breakpoint", address=address, **at)
        try:
            if address:
                sys.modules["debugpy"].wait_for_client()
            return sys.__breakpointhook__(*args, **kwargs)
        finally:
            sys.breakpointhook = ours  # debugpy has put its own there
            host.say("gust.step")

    def _patch(self, pdb):
        stock = pdb.Pdb.set_trace

        def set_trace(debugger, frame=None, *args, **kwargs):
            frame = frame or sys._getframe(1)
            if debugger.stdin is not sys.stdin:
                return stock(debugger, frame, *args, **kwargs)
            return self._reached("pdb.set_trace()", frame)

        pdb.Pdb.set_trace = set_trace


class Host:
    """The host, which waits for the component at breakpoints. Sockets are in its `directory`."""

    def __init__(self, component, directory):
        self.component, self.directory = component, directory
        self.is_left = False  # the user has detached: the component does not stop again
        self.address = None  # where another debugger listens
        self._pid = os.getpid()

    def is_not_ours(self):
        """Whether this process is another one than the host's: a child that was forked."""
        return os.getpid() != self._pid

    def say(self, command, **params):
        """Sends a message at once."""
        self._send({"command": command, "params": params})

    def log(self, text):
        """Logs a warning at once."""
        self._send({"command": "log", "msg": text, "level": 3})

    def _send(self, message):
        serializer = self.component.serializer
        serializer.send_message(message)
        outbox = getattr(serializer, "outbox", None)
        if outbox is not None:
            outbox.flush()


def _listen(host):
    """Has debugpy listen for an editor: HOST:PORT, or None if one is attached, or the component listens itself."""
    try:
        debugpy = importlib.import_module("debugpy")
        if debugpy.is_client_connected():
            return None
        if host.address is None:
            host.address = "%s:%d" % debugpy.listen(("127.0.0.1", 0))
    except (ImportError, RuntimeError):
        pass  # Python itself says what it cannot import
    return host.address


_stock = Breakpoints()


def stock(*args, **kwargs):
    """What PYTHONBREAKPOINT names in a component that pystorm runs unchanged."""
    _stock._report("breakpoint()", sys._getframe(1))


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
