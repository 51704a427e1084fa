# Runs pre_submit or post_submit of a project's tasks.py and fabfile.py, as
# sparse does. The hook's arguments come as JSON on standard input, and the
# answer goes to file descriptor 3: standard output stays the user's.
import importlib
import json
import os
import sys
import traceback


def main():
    hook, modules = sys.argv[1], sys.argv[2:]
    told = json.load(sys.stdin)
    sys.path[0] = os.getcwd()
    answer = {"missing": {}, "called": []}
    try:
        for name in modules:
            try:
                module = importlib.import_module(name)
            except ImportError as error:
                answer["missing"][name] = str(error)
                continue
            function = getattr(module, hook, None)
            if callable(function):
                answer["called"].append(name)
                function(told["topology"], told["environment"], told["settings"], told["options"])
        answer["options"] = told["options"]
        text = json.dumps(answer)
    except BaseException:
        text = json.dumps({"traceback": traceback.format_exc()})
    with os.fdopen(3, "w") as out:
        out.write(text)


main()
