package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"

	"gust/conf"
	"gust/storm"
	"gust/storm/remote"
)

// logFiles are a topology's log files on a machine: those of pystorm and of
// Storm's workers.
type logFiles struct {
	dir      string
	topology string
	// pattern is an extended regular expression that the paths must match, or empty.
	pattern string
	// all are not only .log files, but all that bears the topology's name.
	all bool
	// workers adds what the topologies of old Storms share.
	workers bool
}

// logDir is where a cluster's machines have their logs: log.path of the
// environment, else Storm's own.
func logDir(ctx context.Context, client *storm.Client, environment *conf.Environment) (string, error) {
	if environment != nil {
		if dir, err := environment.Conf().String(conf.PystormLogPath, ""); err != nil || dir != "" {
			return dir, err
		}
	}
	settings, err := client.NimbusSettings(ctx)
	if err != nil {
		return "", err
	}
	dir, err := settings.String("storm.log.dir", "")
	if err == nil && dir == "" {
		err = errors.New(`the log directory is not set: set "path" in "log" of the environment in config.json`)
	}
	return dir, err
}

// check finds what the machines' shells would stumble over.
func (f *logFiles) check() error {
	if !path.IsAbs(f.dir) {
		return fmt.Errorf("the log directory %q is not an absolute path", f.dir)
	}
	if _, err := regexp.CompilePOSIX(f.pattern); err != nil {
		return fmt.Errorf("--pattern: %w", err)
	}
	return nil
}

// find is a shell command that prints the files, each with a NUL behind it. They
// are those that sparse takes, except that the topology's name must stand by
// itself: "count" is not "wordcount".
func (f *logFiles) find() string {
	end := `(|[^A-Za-z0-9].*)\.log$`
	if f.all {
		end = "(|[^A-Za-z0-9].*)$"
	}
	expression := "^(.*[^A-Za-z0-9])?" + regexp.QuoteMeta(f.topology) + end
	if f.workers {
		expression = "(" + expression + `)|^\./(worker|supervisor|access|metrics)[^/]*$`
	}
	command := "cd " + remote.Quote(f.dir) + " && find . -maxdepth 4 -type f -print0 | { grep -zE -e " + remote.Quote(expression) + " || :; }"
	if f.pattern != "" {
		command += " | { grep -zE -e " + remote.Quote(f.pattern) + " || :; }"
	}
	return command
}

// list are the files on a machine, as the user sees them there.
func (f *logFiles) list(ctx context.Context, m *remote.Machine, user string) ([]string, error) {
	var out, problems strings.Builder
	command, input := m.As(user, f.find())
	if err := m.Run(ctx, command, strings.NewReader(input), &out, &problems); err != nil {
		return nil, remote.Complaint(err, problems.String())
	}
	names := strings.Split(strings.TrimSuffix(out.String(), "\x00"), "\x00")
	if names[0] == "" {
		return nil, nil
	}
	return names, nil
}
