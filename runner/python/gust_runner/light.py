"""Imports pystorm and streamparse without the parts that a component does not use.

streamparse's package imports everything that describes topologies, which parses all of
Storm's thrift file: three quarters of a component's start. Here the package exists, but
its own __init__ runs only when a name is needed that only it defines.
"""
import importlib
import importlib.util
import sys
import types

# The names of streamparse that components use, and the modules that define them.
_HOMES = {
    "streamparse.storm.bolt": ("BatchingBolt", "Bolt", "JavaBolt", "ShellBolt", "TicklessBatchingBolt"),
    "streamparse.storm.spout": ("JavaSpout", "ReliableSpout", "ShellSpout", "Spout"),
    "streamparse.storm.component": ("Component", "StormHandler"),
    "pystorm": ("Tuple",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names if name != "Component"}
_SUBMODULES = ("bolt", "component", "spout", "storm")
# Modules that streamparse.storm imports but uses only to describe a topology.
_DESCRIBING = ("streamparse.dsl", "streamparse.dsl.bolt", "streamparse.dsl.spout")


class _Later(types.ModuleType):
    """Replaces a module while others import it, and has names that import it when used."""

    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _LaterName(self.__name__, name)


class _LaterName:
    """A class or function whose module is imported when it is first used."""

    def __init__(self, module, name):
        self._found = lambda: getattr(importlib.import_module(module), name)

    def __call__(self, *args, **kwargs):
        return self._found()(*args, **kwargs)

    def __getattr__(self, name):
        return getattr(self._found(), name)

    def __instancecheck__(self, instance):
        return isinstance(instance, self._found())


class _standing_in:
    """A context in which modules of these names are replaced, unless they are imported already."""

    def __init__(self, *names):
        self._modules = {name: _Later(name) for name in names if name not in sys.modules}

    def __enter__(self):
        sys.modules.update(self._modules)

    def __exit__(self, *_):
        for name in self._modules:
            del sys.modules[name]


def import_pystorm(serializer):
    """Imports pystorm, without the libraries that it will not need."""
    unused = ["logging.handlers"]
    if serializer != "msgpack":
        unused.append("msgpack")
    importlib.import_module("logging")  # the parent of a replaced module
    with _standing_in(*unused):
        return importlib.import_module("pystorm")


def place_streamparse():
    """Registers the package streamparse without running its __init__."""
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
