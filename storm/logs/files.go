package logs

import (
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gust/conf"
	"gust/storm"
	"gust/storm/remote"
)

// Files selects a topology's log files on a machine: pystorm's, and those of Storm's
// workers.
type Files struct {
	Dir      string
	Topology string
	// Pattern is an extended regular expression that the paths must match, or empty.
	Pattern string
	// All selects every file with the topology's name, not only .log files.
	All bool
	// Workers adds the files that topologies share on old releases of Storm.
	Workers bool
}

// Dir is the log directory on a cluster's machines: log.path of the environment, or
// Storm's own.
func Dir(ctx context.Context, client *storm.Client, environment *conf.Environment) (string, error) {
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

// Check checks the directory and the pattern before a shell gets them.
func (f *Files) Check() error {
	if !path.IsAbs(f.Dir) {
		return fmt.Errorf("the log directory %q is not an absolute path", f.Dir)
	}
	if _, err := regexp.CompilePOSIX(f.Pattern); err != nil {
		return fmt.Errorf("--pattern: %w", err)
	}
	return nil
}

// find is a shell command that prints the files, each with a NUL after it. It selects the
// same files as sparse, except that the topology's name must be a whole word: "count"
// does not match "wordcount".
func (f *Files) find() string {
	end := `(|[^A-Za-z0-9].*)\.log$`
	if f.All {
		end = "(|[^A-Za-z0-9].*)$"
	}
	expression := "^(.*[^A-Za-z0-9])?" + regexp.QuoteMeta(f.Topology) + end
	if f.Workers {
		expression = "(" + expression + `)|^\./(worker|supervisor|access|metrics)[^/]*$`
	}
	command := "cd " + remote.Quote(f.Dir) + " && find . -maxdepth 4 -type f -print0 | { grep -zE -e " + remote.Quote(expression) + " || :; }"
	if f.Pattern != "" {
		command += " | { grep -zE -e " + remote.Quote(f.Pattern) + " || :; }"
	}
	return command
}

// list lists the files on a machine that the user can see there.
func (f *Files) list(ctx context.Context, m *remote.Machine, user string) ([]string, error) {
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

// Found are files on a machine. Their names are relative to [Files.Dir].
type Found struct {
	Target remote.Target
	Names  []string
}

// Find lists the files on all machines, in the machines' order, that the user can see
// there; an empty user is the one who logs in.
func (f *Files) Find(ctx context.Context, ssh *remote.Dialer, targets []remote.Target, pool int, user string) ([]Found, error) {
	var mu sync.Mutex
	lists := map[remote.Target][]string{}
	err := ssh.Each(ctx, targets, pool, func(ctx context.Context, m *remote.Machine) error {
		names, err := f.list(ctx, m, user)
		mu.Lock()
		defer mu.Unlock()
		lists[m.Target] = names
		return err
	})
	var found []Found
	for _, t := range targets {
		slices.Sort(lists[t])
		found = append(found, Found{t, lists[t]})
	}
	return found, err
}

// Delete deletes exactly the files that were found. It sends their names through the
// command's input, because a command line has a limited length.
func (f *Files) Delete(ctx context.Context, ssh *remote.Dialer, found []Found, pool int, user string) error {
	names := map[remote.Target][]string{}
	var targets []remote.Target
	for _, here := range found {
		if len(here.Names) > 0 {
			targets = append(targets, here.Target)
			names[here.Target] = here.Names
		}
	}
	err := ssh.Each(ctx, targets, pool, func(ctx context.Context, m *remote.Machine) error {
		command, input := m.As(user, "cd "+remote.Quote(f.Dir)+" && xargs -0 rm -f --")
		input += strings.Join(names[m.Target], "\x00") + "\x00"
		var problems strings.Builder
		if err := m.Run(ctx, command, strings.NewReader(input), nil, &problems); err != nil {
			return remote.Complaint(err, problems.String())
		}
		return nil
	})
	if err != nil && ctx.Err() != nil {
		return errors.New("interrupted: some of the files may have been deleted")
	}
	return err
}
