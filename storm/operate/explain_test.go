package operate

import "testing"

func TestExplain(t *testing.T) {
	const frames = "\n\tat org.apache.storm.utils.ShellProcess.launch(ShellProcess.java:114)\n\tat java.base/java.lang.Thread.run(Thread.java:840)\n"
	tests := []struct{ name, text, what, hint string }{
		{"no program",
			"java.lang.RuntimeException: Error when launching multilang subprocess\n" + frames +
				`Caused by: java.io.IOException: Cannot run program "streamparse_run" (in directory "/data/resources"): error=2, No such file or directory` + frames,
			"no program streamparse_run on the worker",
			"--bundle puts the project's packages into the jar, and `gust update_virtualenv` makes virtualenvs on the workers"},
		{"program without its mark",
			`java.io.IOException: Cannot run program "./x.sh" (in directory "/d"): error=13, Permission denied` + frames,
			"the program ./x.sh cannot be started on the worker: Permission denied",
			"Storm unpacks no file as executable: name the interpreter, too, as in `python3 x.py`"},
		{"missing module",
			"java.lang.RuntimeException: Error when launching multilang subprocess\nTraceback (most recent call last):\n" +
				"  File \"/venv/bin/streamparse_run\", line 8, in <module>\n    sys.exit(main())\n             ^^^^^^\n" +
				"  File \"bolts/count.py\", line 1, in <module>\n    import numpy.linalg\nModuleNotFoundError: No module named 'numpy'\n\n" + frames,
			"Traceback (most recent call last):\n  File \"/venv/bin/streamparse_run\", line 8, in <module>\n    sys.exit(main())\n             ^^^^^^\n" +
				"  File \"bolts/count.py\", line 1, in <module>\n    import numpy.linalg\nModuleNotFoundError: No module named 'numpy'",
			"is numpy a module in src/, which `gust jar --list` shows? Else it is a package: --bundle puts those of the requirements into the jar"},
		{"no streamparse",
			"Traceback (most recent call last):\n  File \"<string>\", line 1, in <module>\nModuleNotFoundError: No module named 'streamparse'\n" + frames,
			"Traceback (most recent call last):\n  File \"<string>\", line 1, in <module>\nModuleNotFoundError: No module named 'streamparse'",
			"the worker's Python has no streamparse: --bundle puts it into the jar"},
		{"exception of a bolt, twice",
			"java.lang.Exception: Shell Process Exception: Python ValueError raised while processing Tuple\nTraceback (most recent call last):\n" +
				"  File \"a.py\", line 1, in process\n    raise ValueError(1)\nValueError: 1\n" + frames +
				"Traceback (most recent call last):\n  File \"b.py\", line 2, in run\n    x()\nValueError: 2\nmore",
			"Traceback (most recent call last):\n  File \"b.py\", line 2, in run\n    x()\nValueError: 2", ""},
		{"missing serializer",
			"java.lang.RuntimeException: Failed to construct multilang serializer from serializer com.acme.S" + frames +
				"Caused by: java.lang.ClassNotFoundException: com.acme.S" + frames,
			"the worker has no Java class com.acme.S", "--add FILE.jar puts the classes of another jar into this one"},
		{"a machine without gust's workers",
			"java.lang.RuntimeException: Failed to construct multilang serializer from serializer gust storm-workers is not installed on this machine, json" + frames +
				"Caused by: java.lang.ClassNotFoundException: gust storm-workers is not installed on this machine, json" + frames,
			"gust storm-workers is not installed on this machine",
			"run `gust storm-workers install` there, or submit the topology without --gust-workers"},
		{"Java object that cannot be made",
			"java.lang.NullPointerException: Cannot invoke \"org.apache.storm.spout.ISpout.open(java.util.Map)\" because \"spoutObject\" is null" + frames,
			"the worker cannot make the component's Java object",
			"the jar needs its class (--add FILE.jar), and the class a public constructor for the arguments, as Integer, Long, Double, Boolean, String or ByteBuffer"},
		{"other Java",
			"java.lang.RuntimeException: java.lang.IllegalArgumentException: outer" + frames +
				"Caused by: java.lang.IllegalArgumentException: it must not be\nthat way" + frames + "\t... 12 more\n",
			"IllegalArgumentException: it must not be\nthat way", ""},
		{"process that ended, by its exit code",
			"java.lang.RuntimeException: java.lang.RuntimeException: pid:26588, name:count exitCode:1, errorString: \n" + frames +
				"Caused by: java.lang.RuntimeException: pid:26588, name:count exitCode:1, errorString: \n" + frames +
				"Caused by: java.io.IOException: Stream closed" + frames,
			"its process has ended with exit status 1", "another error of that time may tell why, or the worker's log, which `gust tail` shows"},
		{"process that ended, by its output, with words",
			"java.lang.RuntimeException: org.apache.storm.multilang.NoOutputException: Pipe to subprocess seems to be broken! No output read.\n" +
				"Serializer Exception:\nnode:internal/modules:1\n  throw err;\n\n" + frames,
			"its process has ended, and wrote to stderr:\nnode:internal/modules:1\n  throw err;", ""},
		{"process that ended, by its input", "java.io.IOException: Stream closed" + frames,
			"its process has ended", "another error of that time may tell why, or the worker's log, which `gust tail` shows"},
		{"process that was not waited for", "java.lang.RuntimeException: pid:1, name:count exitCode:-1, errorString: Killed\n" + frames,
			"its process has ended, and wrote to stderr:\nKilled", ""},
		{"no trace", "it broke", "it broke", ""},
		{"script that the jar lacks", "RuntimeException: x\npython3: can't open file '/data/resources/x.py': [Errno 2] No such file or directory" + frames,
			"RuntimeException: x\npython3: can't open file '/data/resources/x.py': [Errno 2] No such file or directory",
			"`gust jar --list` shows which files the jar has"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			what, hint := Explain(test.text)
			if what != test.what {
				t.Errorf("got  %q\nwant %q", what, test.what)
			}
			if hint != test.hint {
				t.Errorf("got the hint %q, want %q", hint, test.hint)
			}
		})
	}
}
