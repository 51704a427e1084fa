"""Starts a streamparse component with fast input and output.

    python run.py MODE PROGRAM WORDS...

stands for `PROGRAM WORDS...`, where PROGRAM is the path of streamparse_run, or
"-m" for `python -m streamparse.run`. MODE is "auto" or "fast".

Before it starts a component, gust asks an interpreter for why_not().

This file has only what every Python understands: an interpreter that the fast
runner does not support runs pystorm unchanged.
"""
import os
import sys


def main():
    mode, program, words = sys.argv[1], sys.argv[2], sys.argv[3:]
    here = os.path.dirname(os.path.abspath(__file__))
    as_streamparse_run(program, words, here)
    if why_not():
        from streamparse.run import main as streamparse_run

        return streamparse_run()
    sys.path.insert(0, here)
    from gust_runner import start

    sys.path.remove(here)
    return start.main(mode)


def why_not():
    """Why the fast runner does not support this interpreter, or None. It needs CPython with its lock."""
    if sys.version_info < (3, 8):
        return "Python %d.%d" % tuple(sys.version_info[:2])
    if sys.implementation.name != "cpython":
        return sys.implementation.name
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return "a Python without the global lock"
    return None


def as_streamparse_run(program, words, here):
    """Sets sys.argv and sys.path as they would be in PROGRAM."""
    if program == "-m":
        first, sys.argv = os.getcwd(), [os.path.join("streamparse", "run.py")]
    else:
        first, sys.argv = os.path.dirname(os.path.realpath(program)), [program]
    sys.argv += words
    # Python has put this file's folder first, unless it runs with -P or -I.
    if sys.path and os.path.abspath(sys.path[0] or ".") == here:
        sys.path[0] = first


if __name__ == "__main__":
    sys.exit(main())
