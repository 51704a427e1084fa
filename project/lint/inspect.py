# Describes a component's class for gust, as far as that is possible without running
# the component. ask.py of internal/pyrun runs it in the component's working directory.
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
    # The syntax trees of older Pythons differ.
    if sys.version_info >= (3, 8):
        bases = [base for base in cls.__mro__ if in_folder(base, folder)]
        if is_library(getattr(cls, "emit", None)):
            # In a class with its own emit, the arguments may have any meaning.
            seen["emits"] = [emit for base in bases for emit in emits_of(base)]
        attributes = attributes_of(cls)
        if attributes is not None:
            seen["missing"] = [call for base in bases for call in missing_calls(base, attributes)]
            seen["attributes"] = sorted(name for name in attributes if not name.startswith("_"))
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
    except ImportError:  # streamparse 1 and 2 do not use pystorm
        from streamparse.bolt import Bolt
        from streamparse.spout import Spout

    return "spout" if issubclass(cls, Spout) else "bolt" if issubclass(cls, Bolt) else ""


def lacking(cls):
    """The method that a component of this kind must define, if the class has only the library's."""
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


def in_folder(cls, folder):
    return source_file(cls).startswith(os.path.join(folder, ""))


def syntax_of(cls):
    """The syntax tree of a class, or None if its source is unknown."""
    file = source_file(cls)
    if not file.endswith(".py"):
        return None
    with open(file, "rb") as source:
        tree = ast.parse(source.read(), file)
    return find(tree, cls.__qualname__.split("."))


def emits_of(cls):
    """The emits in a class's own methods."""
    node, file = syntax_of(cls), source_file(cls)
    parameters = list(inspect.signature(cls.emit).parameters)[1:] if node else []
    for call in ast.walk(node) if node else ():
        if is_emit(call):
            yield describe(call, parameters, file)


def attributes_of(cls):
    """The names of all attributes that an instance may have, or None if they are unknown:
    the class computes them, or the source of one of its bases is unknown."""
    names = set(dir(cls))
    if "__getattr__" in names or cls.__getattribute__ is not object.__getattribute__:
        return None
    for base in cls.__mro__[:-1]:
        node = syntax_of(base)
        if node is None:
            return None
        for child in ast.walk(node):
            if isinstance(child, ast.Attribute):
                if not isinstance(child.ctx, ast.Load):
                    names.add(child.attr)
                elif child.attr == "__dict__":
                    return None
            elif isinstance(child, ast.Call) and isinstance(child.func, ast.Name):
                name = getattr(child.args[1], "value", None) if len(child.args) > 1 else None
                if child.func.id in ("hasattr", "getattr", "setattr") and isinstance(name, str):
                    names.add(name)
                elif child.func.id in ("setattr", "vars"):
                    return None
    return names


def missing_calls(cls, attributes):
    """The calls self.NAME(...) in a class's own methods for which there is no attribute."""
    for method in getattr(syntax_of(cls), "body", ()):
        if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)) or not method.args.args:
            continue
        instance = method.args.args[0].arg
        for node in ast.walk(method):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == instance and node.func.attr not in attributes:
                yield {"file": source_file(cls), "line": node.lineno, "name": node.func.attr}


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
    """What is known of an emit: a null member is unknown."""
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
    """The call's arguments by parameter, and whether these are all that it has."""
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
    """A value that no serializer can express, or that JSON cannot."""
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
