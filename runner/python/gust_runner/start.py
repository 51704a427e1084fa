"""Starts a component as streamparse_run does."""
import os
import sys

from . import light
from .breakpoints import Breakpoints
from .pipes import Pipes

# Storm's levels in the multilang protocol.
DEBUG, WARN = 1, 3
RESOURCES = "resources"


def main(mode, pipes=None):
    """Runs the component that sys.argv names. `mode` is "auto" or "fast"."""
    pipes = pipes or Pipes()
    target, serializer = arguments(sys.argv)
    if target is None:
        return streamparse_run()
    sys.path.append(import_path(os.getcwd(), target))
    pystorm = light.import_pystorm(serializer)
    light.place_streamparse()
    from . import install

    pipes.move()
    hide_own_frames()
    breakpoints = Breakpoints()
    breakpoints.early = lambda: install.early_component(serializer, pipes)
    breakpoints.install()
    runner = install.Runner(pystorm, serializer, pipes)
    why = runner.unknown_release() if mode == "auto" else None
    component = runner.make(load(target), why)
    if isinstance(component, pystorm.Component):
        if runner.why_not:
            tell(component, runner.why_not, WARN if mode == "fast" else DEBUG)
        breakpoints.tell = lambda text: tell(component, text, WARN)
        breakpoints.await_offer(component)
    return runner.run(component)


def load(target):
    """The class. With __import__, Python leaves the import machinery's frames out of the
    traceback: if a component cannot be imported, the traceback shows its own lines."""
    module, _, name = target.rpartition(".")
    __import__(module)
    return getattr(sys.modules[module], name)


def hide_own_frames():
    """Leaves the runner's own frames out of the traceback of a crash."""
    here, shown = os.path.dirname(os.path.dirname(os.path.abspath(__file__))), sys.excepthook

    def hook(kind, error, trace):
        while trace and trace.tb_next and trace.tb_frame.f_code.co_filename.startswith(here):
            trace = trace.tb_next
        shown(kind, error.with_traceback(trace), trace)

    sys.excepthook = hook


def tell(component, text, level):
    """Logs a string, also before the handshake."""
    component.send_message({"command": "log", "msg": text, "level": level})


def arguments(argv):
    """The class and the serializer, or None if streamparse_run has to report an error."""
    if len(argv) == 2:  # Storm sends everything as one string
        argv[1:] = argv[1].split()
    classes, serializer = [], "json"
    words = iter(argv[1:])
    for word in words:
        if word in ("-s", "--serializer"):
            serializer = next(words, None)
        elif word.startswith("--serializer="):
            serializer = word.partition("=")[2]
        else:
            classes.append(word)
    if len(classes) != 1 or serializer not in ("json", "msgpack"):
        return None, None
    if classes[0].startswith("-") or "." not in classes[0]:
        return None, None
    return classes[0], serializer


def import_path(cwd, target):
    """The folder that streamparse_run imports from: the current one, or its resources."""
    resources = os.path.join(cwd, RESOURCES)
    module = target.rsplit(".", 1)[0].replace(".", os.path.sep) + ".py"
    return resources if os.path.isfile(os.path.join(resources, module)) else cwd


def streamparse_run():
    """Runs streamparse_run unchanged."""
    from streamparse.run import main as stock

    return stock()
