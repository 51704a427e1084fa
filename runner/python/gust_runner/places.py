"""Finds the place in a component's own code where something happens."""
import os

_LIBRARIES = ("gust_runner", "pystorm", "streamparse", "bdb", "pdb")


def place(frame):
    """The file, line and function of a frame, or of its first caller outside the libraries."""
    while frame.f_back is not None and is_library(frame):
        frame = frame.f_back
    return "{file}:{line} in {function}".format(**position(frame))


def position(frame):
    """The file, relative to the current directory if it is below, the line and the function of a frame."""
    code = frame.f_code
    file, here = code.co_filename, os.path.join(os.getcwd(), "")
    if file.startswith(here):
        file = file[len(here) :]
    return {"file": file, "line": frame.f_lineno, "function": code.co_name}


def is_library(frame):
    """Whether a frame is of the runner, of pystorm, or of the debugger."""
    return (frame.f_globals.get("__name__") or "").partition(".")[0] in _LIBRARIES
