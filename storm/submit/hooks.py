# Runs pre_submit or post_submit of a project's tasks.py and fabfile.py, as
# sparse does. gust runs it with ask.py of internal/pyrun, in the project's
# directory.
import importlib
import os
import sys


def answer(told):
    # Before the packages, as in sparse, and after the standard library, of which
    # sparse has imported by then what the project's modules might be called.
    sys.path.insert(standard_library_ends(), os.getcwd())
    missing, called = {}, []
    for name in told["modules"]:
        try:
            module = importlib.import_module(name)
        except ImportError as error:
            missing[name] = str(error)
            continue
        function = getattr(module, told["hook"], None)
        if callable(function):
            called.append(name)
            function(told["topology"], told["environment"], told["settings"], told["options"])
    return {"missing": missing, "called": called, "options": told["options"]}


def standard_library_ends():
    """The place in sys.path after the standard library."""
    library = os.path.dirname(os.__file__)
    folders = (library, os.path.join(library, "lib-dynload"))
    return 1 + max([i for i, folder in enumerate(sys.path) if folder in folders], default=-1)
