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
import threading

from .places import place, position

_ADVICE = (
    "{} at {}: no debugger can attach, so the component continues\n"
    "hint: `gust run` stops there for `gust attach`, without --record and gust.breakpoints=false, and not in"
    " a forked process; elsewhere it stops with PYTHONBREAKPOINT=remote_pdb.set_trace (python3 -m pip install"
    " remote-pdb) and a longer topology.subprocess.timeout.secs"
)
OFFER = "gust.breakpoints"
HOOK = "PYTHONBREAKPOINT"
OURS = ("", "pdb.set_trace")  # the hooks that mean the debugger that gust brings to a terminal
DEBUGPY = "debugpy.breakpoint"


class Breakpoints:
    """Stops at each place, or reports it once, with `tell`, which writes to stderr unless it is replaced."""

    def __init__(self):
        self.tell = lambda text: print(text, file=sys.stderr, flush=True)
        # Makes a component that can read the handshake before the real one does; None if it is too late.
        self.early = None
        self._told = set()
        self._host = None  # that has offered to wait; None if it has not
        self._handshake = None  # that was read early

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
        self.early = None
        stock = component.read_handshake

        def read_handshake():
            vars(component).pop("read_handshake", None)
            if self._handshake is None:
                self.take_offer(component, *stock())
            handshake, self._handshake = self._handshake, None
            return handshake

        component.read_handshake = read_handshake
        if self._handshake is not None:
            component.serializer.takes_packs = False  # the answer did not accept them
            if self._host is not None:
                self._host.component = component

    def take_offer(self, component, conf, context):
        """Takes the host's offer, if it is in the handshake."""
        self._handshake = conf, context
        directory = conf.get(OFFER)
        if type(directory) is str:
            self._host = Host(component, directory)

    def _waits(self):
        """Whether a host waits for this process at breakpoints.

        In a module's top level and in __init__, the component has not read the handshake,
        and cannot tell the host anything: it is read then and there.
        """
        if self._host is None and self.early is not None and threading.current_thread() is threading.main_thread():
            early, self.early = self.early, None
            component = early()
            self.take_offer(component, *component.read_handshake())
        return self._host is not None and not self._host.is_not_ours()

    def _reached(self, call, frame):
        if not self._waits():
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
        if not self._waits():
            return sys.__breakpointhook__(*args, **kwargs)
        host, ours = self._host, sys.breakpointhook
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
    frame = sys._getframe(1)
    if _stock._host is None:
        component = _running(frame)
        if component is not None:
            _stock.take_offer(component, component.storm_conf, component.context)
    _stock._reached("breakpoint()", frame)


def _running(frame):
    """The component that has read its handshake, and calls a frame or runs in the main thread, or None."""
    from pystorm.component import Component

    for frame in (frame, sys._current_frames().get(threading.main_thread().ident)):
        while frame is not None:
            candidate = frame.f_locals.get("self")
            if isinstance(candidate, Component) and candidate.storm_conf:
                return candidate
            frame = frame.f_back
    return None


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
