"""Starts a component with the packages that are in the jar, so that a worker
needs Python and nothing else. gust has put this here."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def run(script):
    """Does what streamparse_run does with a script such as "-s json bolts.Count"."""
    packages = os.path.join(HERE, "packages")
    built_for = read("python")
    running = "%d.%d" % sys.version_info[:2]
    if running != built_for and os.path.exists(os.path.join(HERE, "compiled")):
        sys.exit(
            "the jar's packages are built for Python %s, and this worker's %s is %s: "
            "bundle them with --python-version %s" % (built_for, sys.executable, running, running)
        )
    activate(packages)
    sys.argv = ["streamparse_run"] + script.split()
    from streamparse.run import main

    main()


def activate(packages):
    """Puts the packages before those of the worker, and takes away the working
    directory, where this module was found: streamparse.run adds it as the last."""
    import site

    before = [path for path in sys.path if path]
    site.addsitedir(packages)
    sys.path[:] = [path for path in sys.path if path and path not in before] + before


def read(name):
    with open(os.path.join(HERE, name)) as file:
        return file.read().strip()
