# Describes a streamparse topology for gust: see answer. ask.py of internal/pyrun runs it.
import base64
import decimal
import importlib.util
import json
import os
import sys
import traceback


def answer(question):
    """Imports the topology of question["file"], with question["path"] after the module path as sparse has it."""
    try:
        from streamparse.dsl.topology import Topology, TopologyType
    except ImportError as error:
        if error.name != "streamparse":
            raise
        return {"missing": str(error)}

    sys.path += question["path"]
    # The file is loaded by its path: by its name, a topology called `test`
    # would turn out to be a module of Python's own.
    name = os.path.splitext(os.path.basename(question["file"]))[0]
    spec = importlib.util.spec_from_file_location(name, question["file"])
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(name, module)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        explained = explain(error, question["file"])
        if explained is None:
            raise
        return explained

    for value in vars(module).values():
        if isinstance(value, TopologyType) and value is not Topology:
            return describe_topology(value)
    return {"problem": "it defines no subclass of streamparse.Topology"}


def explain(error, file):
    """What is known of an exception that streamparse raised, or None: streamparse's own message is of little help."""
    import streamparse

    frames = list(traceback.walk_tb(error.__traceback__))
    frame = frames[-1][0]
    if not frame.f_code.co_filename.startswith(os.path.dirname(streamparse.__file__) + os.sep):
        return None
    if isinstance(error, RuntimeError) and "changed during iteration" in str(error):
        # Up to version 3 it changes a dict in a loop over it, which Python 3.8 forbids.
        return {"outdated": getattr(streamparse, "__version__", "")}
    spec = frame.f_locals.get("self")
    if isinstance(error, KeyError) and frame.f_code.co_name == "__getitem__" and hasattr(spec, "component_cls"):
        return {
            "undeclared": {
                "line": ([line for f, line in frames if f.f_code.co_filename == file] or [0])[-1],
                "module": spec.component_cls.__module__,
                "class": spec.component_cls.__name__,
                "stream": str(frame.f_locals.get("stream")),
                "streams": sorted(spec.outputs or []),
            }
        }
    return None


def describe_topology(topology):
    config = {}
    for key, value in topology.config.items():
        try:
            config[key] = to_json(value)
        except (TypeError, ValueError) as error:
            return {"problem": "config %r of the topology is not a JSON value: %s" % (key, error)}
    return {
        "topology": {
            "config": config,
            "components": [describe_component(spec) for spec in topology.specs],
        }
    }


def describe_component(spec):
    from streamparse.dsl.bolt import JavaBoltSpec, ShellBoltSpec

    is_bolt = isinstance(spec, (JavaBoltSpec, ShellBoltSpec))
    described = {
        "name": spec.name,
        "kind": "bolt" if is_bolt else "spout",
        "par": spec.par,
        "config": spec.config,
        "outputs": [
            {"name": name, "fields": stream.output_fields, "direct": bool(stream.direct)}
            for name, stream in spec.outputs.items()
        ],
        "inputs": [
            describe_input(stream, grouping)
            for stream, grouping in spec.inputs.items()
        ],
    }
    program = spec.component_object
    if program.shell is not None:
        described["command"] = program.shell.execution_command
        described["script"] = program.shell.script
    elif program.java_object is not None:
        described["java"] = program.java_object.full_class_name
        described["object"] = describe_object(program.java_object)
    else:
        described["java"] = "serialized Java object"
        described["object"] = describe_bytes(program.serialized_java)
    return described


def describe_object(java):
    return {"class": java.full_class_name, "args": [describe_argument(arg) for arg in java.args_list]}


def describe_argument(arg):
    """Returns {kind: value}, where kind is one of Java's types."""
    for kind in ("int_arg", "long_arg", "string_arg", "bool_arg", "double_arg", "binary_arg"):
        value = getattr(arg, kind)
        if value is not None:
            return {kind: to_base64(value) if kind == "binary_arg" else value}
    return {}


def describe_bytes(serialized):
    return {"serialized": to_base64(serialized)}


def to_base64(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode("latin-1")).decode("ascii")


def describe_input(stream, grouping):
    described = {"component": stream.componentId, "stream": stream.streamId}
    if grouping.fields is not None:
        # Thrift has no grouping for GLOBAL.
        described["grouping"] = "FIELDS" if grouping.fields else "GLOBAL"
        described["fields"] = grouping.fields
    elif grouping.custom_object is not None:
        described["grouping"] = "CUSTOM"
        described["class"] = grouping.custom_object.full_class_name
        described["object"] = describe_object(grouping.custom_object)
    elif grouping.custom_serialized is not None:
        described["grouping"] = "CUSTOM"
        described["class"] = "serialized Java object"
        described["object"] = describe_bytes(grouping.custom_serialized)
    else:
        for name in ("shuffle", "all", "none", "direct", "local_or_shuffle"):
            if getattr(grouping, name) is not None:
                described["grouping"] = name.upper()
    return described


def to_json(value):
    """Returns value as it is after JSON: a tuple becomes a list."""
    def other(value):
        if isinstance(value, decimal.Decimal):
            return float(value)
        raise TypeError("it has a %s in it" % type(value).__name__)

    return json.loads(json.dumps(value, allow_nan=False, default=other))
