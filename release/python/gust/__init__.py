"""gust, a program that runs Apache Storm's multilang components without a JVM."""

import importlib.metadata
import os
import sysconfig

__all__ = ["find_gust"]


def find_gust():
    """Return the path of the program gust that belongs to this package."""
    candidates = []
    try:
        # Where pip has put it, in whatever scheme.
        for file in importlib.metadata.files("gust-storm") or ():
            if file.name == "gust" and file.parent.name == "bin":
                candidates.append(file.locate())
    except importlib.metadata.PackageNotFoundError:
        pass
    candidates.append(os.path.join(sysconfig.get_path("scripts"), "gust"))
    # `pip install --target` moves the program without recording that.
    candidates.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "bin", "gust"))
    for path in candidates:
        if os.path.isfile(path):
            return os.fspath(path)
    raise FileNotFoundError("no program gust in " + " or ".join(os.path.dirname(os.fspath(c)) for c in candidates))
