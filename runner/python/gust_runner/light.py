"""Imports pystorm and streamparse without what a component does not use.

streamparse's package imports all that describes topologies, and that parses all
of Storm's thrift file: three quarters of a component's start. Here the package
is there, but its own __init__ runs when somebody asks it for such a name.
"""
import importlib
import importlib.util
import sys
import types

# What a component takes of streamparse, and the modules that have it.
_HOMES = {
    "streamparse.storm.bolt": ("BatchingBolt", "Bolt", "JavaBolt", "ShellBolt", "TicklessBatchingBolt"),
    "streamparse.storm.spout": ("JavaSpout", "ReliableSpout", "ShellSpout", "Spout"),
    "streamparse.storm.component": ("Component", "StormHandler"),
    "pystorm": ("Tuple",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names if name != "Component"}
_SUBMODULES = ("bolt", "component", "spout", "storm")
# What streamparse.storm imports but uses only where a topology is described.
_DESCRIBING = ("streamparse.dsl", "streamparse.dsl.bolt", "streamparse.dsl.spout")


class _Later(types.ModuleType):
    """Stands for a module while others import it; its names do for themselves."""

    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _LaterName(self.__name__, name)


class _LaterName:
    """A class or function of a module that is imported at its first use."""

    def __init__(self, module, name):
        self._found = lambda: getattr(importlib.import_module(module), name)

    def __call__(self, *args, **kwargs):
        return self._found()(*args, **kwargs)

    def __getattr__(self, name):
        return getattr(self._found(), name)

    def __instancecheck__(self, instance):
        return isinstance(instance, self._found())


class _standing_in:
    """With modules of these names stood in for, where they are not imported yet."""

    def __init__(self, *names):
        self._modules = {name: _Later(name) for name in names if name not in sys.modules}

    def __enter__(self):
        sys.modules.update(self._modules)

    def __exit__(self, *_):
        for name in self._modules:
            del sys.modules[name]


def import_pystorm(serializer):
    """Imports pystorm; of the libraries that it may need only those that it will."""
    unused = ["logging.handlers"]
    if serializer != "msgpack":
        unused.append("msgpack")
    importlib.import_module("logging")  # the parent of what is stood in for
    with _standing_in(*unused):
        return importlib.import_module("pystorm")


def place_streamparse():
    """Puts the package streamparse in place, without running its __init__."""
    if "streamparse" in sys.modules:
        return
    spec = importlib.util.find_spec("streamparse")
    if spec is None:
        raise ModuleNotFoundError("No module named 'streamparse'", name="streamparse")
    package = importlib.util.module_from_spec(spec)
    package.__getattr__ = _Missing(package)
    sys.modules["streamparse"] = package


class _Missing:
    """The __getattr__ of a package whose __init__ has not run."""

    def __init__(self, package):
        self._package = package

    def __call__(self, name):
        package = self._package
        if name in _HOME:
            value = getattr(_import_light(_HOME[name]), name)
        elif name in _SUBMODULES:
            value = _import_light("streamparse." + name)
        elif name in ("__wrapped__", "__getattr__"):
            raise AttributeError(name)
        else:
            self._complete()
            return getattr(package, name)
        vars(package)[name] = value
        return value

    def _complete(self):
        vars(self._package).pop("__getattr__", None)
        self._package.__spec__.loader.exec_module(self._package)


def _import_light(module):
    with _standing_in(*_DESCRIBING):
        return importlib.import_module(module)
