package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/pflag"

	"gust/storm/jar"
)

// jarOptions are the flags for the content of a jar.
type jarOptions struct {
	add           []string
	bundle        bool
	requirements  []string
	platform      string
	pythonVersion string
	fresh         bool
}

// AddFlags declares the flags.
func (o *jarOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringArrayVar(&o.add, "add", nil, "add the Java classes of the jar `FILE` (repeatable)")
	flags.BoolVar(&o.bundle, "bundle", false, "put the Python packages into the jar; workers need only Python")
	flags.StringArrayVarP(&o.requirements, "requirements", "r", nil,
		"bundle the packages of the requirements `FILE` (repeatable)\n(default: NAME.txt in virtualenv_specs)")
	flags.StringVar(&o.platform, "platform", "", "bundle for pip's `PLATFORM`, such as manylinux2014_x86_64\n(default: this machine's)")
	flags.StringVar(&o.pythonVersion, "python-version", "", "bundle for Python `X.Y` (default: the project's Python)")
	flags.BoolVar(&o.fresh, "overwrite_virtualenv", false, "reinstall the bundle's packages even if the cached ones match")
}

// pythonVersion matches a release of Python in the form X.Y.
var pythonVersion = regexp.MustCompile(`^\d+\.\d+$`)

// check finds flags that are invalid or need others.
func (o *jarOptions) check() error {
	if !o.bundle && (o.platform != "" || o.pythonVersion != "") {
		return errors.New("--platform and --python-version need --bundle")
	}
	if o.pythonVersion != "" && !pythonVersion.MatchString(o.pythonVersion) {
		return fmt.Errorf("--python-version must be X.Y, such as 3.11, not %q", o.pythonVersion)
	}
	return nil
}

// recipe converts the flags to a recipe. The caller adds the project.
func (o *jarOptions) recipe() jar.Recipe {
	return jar.Recipe{
		Add: o.add, Bundle: o.bundle, Requirements: o.requirements, Platform: o.platform, PythonVersion: o.pythonVersion, Fresh: o.fresh,
	}
}

// takeRequirements accepts `-r a.txt b.txt`, as sparse does.
func (o *jarOptions) takeRequirements(args []string) []string {
	if len(o.requirements) == 0 {
		return args
	}
	var rest []string
	for _, a := range args {
		if strings.HasSuffix(a, ".txt") {
			o.requirements = append(o.requirements, a)
		} else {
			rest = append(rest, a)
		}
	}
	return rest
}
