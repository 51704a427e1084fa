"""Finds the place in a component's own code where something happens."""
import os

_LIBRARIES = ("gust_runner", "pystorm", "streamparse", "bdb", "pdb")


def place(frame):
    """The file, line and function of a frame, or of its first caller outside the libraries."""
    while frame.f_back is not None and _package(frame) in _LIBRARIES:
        frame = frame.f_back
    code = frame.f_code
    file, here = code.co_filename, os.path.join(os.getcwd(), "")
    if file.startswith(here):
        file = file[len(here) :]
    return "{}:{} in {}".format(file, frame.f_lineno, code.co_name)


def _package(frame):
    return frame.f_globals.get("__name__", "").partition(".")[0]
