# Tells gust what it can see of a component's class without running it. gust runs
# it with ask.py of internal/pyrun, in the component's working directory.
import ast
import importlib
import inspect
import os
import sys


def answer(name):
    """Inspects the class of that name, MODULE.CLASS."""
    cls, folder = import_class(name)
    if not inspect.isclass(cls):
        return {"problem": "is %s, not a class" % type(cls).__name__}
    seen = {"kind": kind_of(cls), "file": source_file(cls), "line": line_of(cls), "lacks": lacking(cls)}
    # The syntax trees of older Pythons, which streamparse 1 and 2 run with, differ.
    if sys.version_info >= (3, 8) and is_library(getattr(cls, "emit", None)):
        # A class with an emit of its own may give it any meaning.
        seen["emits"] = [emit for base in cls.__mro__ for emit in emits_of(base, folder)]
    return seen


def import_class(name):
    """Imports a component's class as streamparse.run does."""
    module, _, class_name = name.rpartition(".")
    folder = os.getcwd()
    resources = os.path.join(folder, "resources")
    if os.path.isfile(os.path.join(resources, *module.split(".")) + ".py"):
        folder = resources
    sys.path.append(folder)
    if not module:
        raise ImportError("%r names no module: want MODULE.CLASS" % name)
    return getattr(importlib.import_module(module), class_name), folder


def kind_of(cls):
    try:
        from pystorm import Bolt, Spout
    except ImportError:  # streamparse 1 and 2 have classes of their own
        from streamparse.bolt import Bolt
        from streamparse.spout import Spout

    return "spout" if issubclass(cls, Spout) else "bolt" if issubclass(cls, Bolt) else ""


def lacking(cls):
    """The method without which a component of this kind does nothing, if it is the library's."""
    for name in ("next_tuple", "process"):
        method = getattr(cls, name, None)
        if method is not None and getattr(method, "__qualname__", "") in ("Spout.next_tuple", "Bolt.process"):
            if is_library(method):
                return name
    return ""


def is_library(function):
    return getattr(function, "__module__", "").split(".")[0] in ("pystorm", "streamparse")


def source_file(cls):
    try:
        return os.path.abspath(inspect.getsourcefile(cls) or "")
    except TypeError:
        return ""


def line_of(cls):
    try:
        return inspect.getsourcelines(cls)[1]
    except (OSError, TypeError, SyntaxError):
        return 0


def emits_of(cls, folder):
    """The emits in a class's own methods, where it is the project's."""
    file = source_file(cls)
    if not file.startswith(os.path.join(folder, "")):
        return
    with open(file, "rb") as source:
        tree = ast.parse(source.read(), file)
    node = find(tree, cls.__qualname__.split("."))
    parameters = list(inspect.signature(cls.emit).parameters)[1:] if node else []
    for call in ast.walk(node) if node else ():
        if is_emit(call):
            yield describe(call, parameters, file)


def find(tree, names):
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef) and node.name == names[0]:
            return find(node, names[1:]) if names[1:] else node
    return None


def is_emit(node):
    """self.emit(...) and super().emit(...)"""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "emit"):
        return False
    owner = node.func.value
    if isinstance(owner, ast.Call):
        owner = owner.func
        return isinstance(owner, ast.Name) and owner.id == "super"
    return isinstance(owner, ast.Name) and owner.id == "self"


def describe(call, parameters, file):
    """What is known of an emit: a member that is null is not."""
    given, certain = arguments(call, parameters)
    values = given.get("tup")
    stream = given.get("stream")
    described = {"file": file, "line": call.lineno, "values": None, "stream": None, "direct": None, "odd": []}
    if isinstance(values, (ast.List, ast.Tuple)) and not any(isinstance(e, ast.Starred) for e in values.elts):
        described["values"] = len(values.elts)
        described["odd"] = [odd for odd in (oddity(e, i) for i, e in enumerate(values.elts)) if odd]
    if isinstance(stream, ast.Constant):
        described["stream"] = "default" if stream.value is None else str(stream.value)
    elif stream is None and certain:
        described["stream"] = "default"
    if "direct_task" in given or certain:
        described["direct"] = "direct_task" in given
    return described


def arguments(call, parameters):
    """The call's arguments by parameter, and whether these are all."""
    given, certain = {}, True
    for name, argument in zip(parameters, call.args):
        if isinstance(argument, ast.Starred):
            certain = False
            break
        given[name] = argument
    for keyword in call.keywords:
        if keyword.arg is None:
            certain = False
        else:
            given[keyword.arg] = keyword.value
    return given, certain


def oddity(node, index):
    """A value that no serializer carries, or that JSON does not."""
    what = ""
    if isinstance(node, ast.Constant) and isinstance(node.value, bytes):
        what = "bytes"
    elif isinstance(node, (ast.Set, ast.SetComp)):
        what = "a set"
    elif isinstance(node, ast.GeneratorExp):
        what = "a generator"
    elif isinstance(node, ast.Lambda):
        what = "a function"
    elif isinstance(node, ast.Constant) and isinstance(node.value, complex):
        what = "a complex number"
    return what and {"index": index, "what": what}
