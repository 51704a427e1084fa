"""Answers one question of gust's.

The first argument is a program that defines answer(question). The question comes on
standard input, as JSON. The result goes to file descriptor 3 as {"answer": ...}, an
exception as {"traceback": ...}, because the user's modules may print to standard
output. With "stay" as the second argument, the program waits for threads that they
have started; with "python2", it also runs under 2.7.

It must parse under any Python, so that an old one can report that it is too old.
"""
import json
import os
import signal
import sys
import traceback

OLDEST = (3, 6)


def reply():
    """Returns the JSON that goes to gust."""
    if sys.version_info < (OLDEST, (2, 7))["python2" in sys.argv[2:]]:
        return json.dumps({"problem": "Python %d.%d is too old: 3.6 or newer is needed" % sys.version_info[:2]})
    program = {"__name__": "gust"}
    try:
        question = json.loads(getattr(sys.stdin, "buffer", sys.stdin).read().decode("utf-8"))
        exec(compile(sys.argv[1], "<gust>", "exec"), program)
        return json.dumps({"answer": program["answer"](question)})
    except KeyboardInterrupt:  # end as Ctrl-C ends a process, so that gust sees it
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
        raise
    except BaseException as error:  # sys.exit() in the user's module, too
        return json.dumps({"traceback": users_traceback(error)})


def users_traceback(error):
    """Formats an exception from the frame on where the user's code starts."""
    frames = sys.exc_info()[2]
    while frames is not None and is_ours(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames))


def is_ours(filename):
    return filename in ("<string>", "<gust>") or filename.startswith("<frozen importlib") or filename.endswith(
        os.path.join("importlib", "__init__.py")
    )


text = reply()
with os.fdopen(3, "w") as out:
    out.write(text)
if "stay" not in sys.argv[2:]:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
