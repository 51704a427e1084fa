"""pdb, on the terminal that `gust attach` brings.

The process listens on a Unix socket while it waits for a terminal. If a connection is
lost, the component stays stopped, and the process listens again. The conversation is
text, with two signs for the program at the other end.
"""
import os
import pdb
import socket
import threading

from .places import is_library, position

ASKS, GOES_ON = "\x05", "\x04"  # it waits for a line; it waits for none until it stops again
_here = threading.local()  # the thread's debugger
_terminal = None  # of all threads


def stop_at(frame, host):
    """Stops at a frame's next line, or where Python's own breakpoint() would."""
    global _terminal
    if host.is_left:
        return
    if _terminal is None:
        _terminal = Terminal(os.path.join(host.directory, "%d.sock" % os.getpid()))
    debugger = getattr(_here, "debugger", None)
    if debugger is None:
        debugger = _here.debugger = Debugger(host, _terminal)
    if not debugger.prompts:  # else it is called at the prompt
        debugger.first = frame
        debugger.set_trace(frame)


class Terminal:
    """A terminal that comes and goes, as a debugger's stdin and stdout."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, path):
        self.path = path
        self.lock = threading.RLock()  # held by the thread whose debugger has the terminal
        self._listening = self._connection = self._lines = None

    def listen(self):
        """Lets a terminal connect, if none is."""
        if self._connection is not None or self._listening is not None:
            return
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            if os.path.exists(self.path):
                os.unlink(self.path)
            listening.bind(self.path)
            os.chmod(self.path, 0o600)
            listening.listen(1)
        except OSError:
            listening.close()
            raise
        self._listening = listening

    def accept(self):
        """Waits for a terminal, if none is connected. There is room for one: others find no socket."""
        if self._connection is None:
            self._connection, _ = self._listening.accept()
            self._lines = self._connection.makefile("r", encoding=self.encoding, errors=self.errors, newline="\n")
            self._listening.close()
            self._listening = None
            os.unlink(self.path)

    def hang_up(self):
        """Ends the connection."""
        if self._connection is not None:
            self._lines.close()
            self._connection.close()
        self._connection = self._lines = None

    def write(self, text):
        """Shows a text, if a terminal is connected. The next terminal is shown where the component stands."""
        try:
            if self._connection is not None:
                self._connection.sendall(text.encode(self.encoding, "backslashreplace"))
        except OSError:
            pass  # readline finds out
        return len(text)

    def flush(self):
        """Nothing is held back."""

    def ask(self):
        """The next line, or None if the terminal is gone. Half a line is no command."""
        self.write(ASKS)
        try:
            line = self._lines.readline()
        except OSError:
            line = ""
        return line if line.endswith("\n") else None


class Debugger(pdb.Pdb):
    """pdb for one thread, which tells the host when it stops and when it goes on."""

    def __init__(self, host, terminal):
        super().__init__(stdin=self, stdout=terminal, nosigint=True)
        self.prompts = False
        self.first = None  # the frame that a breakpoint() is in
        self._host, self._terminal = host, terminal
        self._goes_on = False

    def stop_here(self, frame):
        """Steps go through the component's code and what that calls, not through the runner's and pystorm's."""
        return super().stop_here(frame) and (frame is self.stopframe or self._belongs_here(frame))

    def _belongs_here(self, frame):
        called = None
        while frame is not None and frame is not self.first:
            if is_library(frame):
                return called is not None and self._is_method(called)
            called, frame = frame, frame.f_back
        return True

    def _is_method(self, frame):
        """Whether a frame is that of a method of the component."""
        code = frame.f_code
        return code.co_argcount > 0 and frame.f_locals.get(code.co_varnames[0]) is self._host.component

    def interaction(self, frame, *rest):
        """Stops."""
        with self._terminal.lock:
            try:
                self._terminal.listen()
            except OSError as error:
                self._host.log("cannot wait for a debugger at {}: {}".format(self._terminal.path, error))
                return self.set_continue()
            self._goes_on = False
            self._host.say("gust.breakpoint", socket=self._terminal.path, **position(frame))
            try:
                self._terminal.accept()
                self.prompts = True
                super().interaction(frame, *rest)
            finally:
                self.prompts = False
                self._host.say("gust.resumed" if self._goes_on else "gust.step")

    def readline(self):
        """A line from the terminal. If that is gone, the next one is shown where the component stands."""
        while True:
            line = self._terminal.ask()
            if line is not None:
                return line
            self._terminal.hang_up()
            try:
                self._terminal.listen()
                self._terminal.accept()
            except OSError:
                return "detach\n"
            self.print_stack_entry(self.stack[self.curindex])
            self._terminal.write(self.prompt)

    def set_continue(self):
        self._goes_on, self.first = True, None
        super().set_continue()
        self._terminal.write(GOES_ON)

    def do_detach(self, arg):
        """q(uit) | exit | detach
        Let the component go on, and leave it alone: its breakpoints no longer stop it
        until its process restarts.
        """
        self._host.is_left = True
        self.clear_all_breaks()
        self._terminal.hang_up()
        self.set_continue()
        return 1

    do_q = do_quit = do_exit = do_EOF = do_detach

    def do_run(self, arg):
        """run | restart
        Not here: `gust run --watch` restarts a component when its source changes.
        """
        self.error("the component cannot be restarted from here; restart its task")

    do_restart = do_run

    def do_interact(self, arg):
        """interact
        Not here: it needs a keyboard on stdin.
        """
        self.error("interact needs a keyboard on stdin")
