package workerenv

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"strings"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/project/requirements"
	"gust/storm/access"
)

// Wish is the virtualenv that a topology wants on the workers.
type Wish struct {
	Topology string
	// Environment is the one of config.json. Options are the topology's, over the
	// environment's.
	Environment *conf.Environment
	Options     conf.Conf
	// Name is the virtualenv's own, or empty for the environment's or the topology's.
	Name string
	// Requirements are files that list the packages. The default is the topology's file
	// in Folder, if the project has such files.
	Requirements []string
	Folder       string
	// User is the user who makes it there, or empty for sudo_user.
	User string
	// Overwrite deletes an old virtualenv first.
	Overwrite bool
}

// Virtualenv completes the wish, before any machine is changed.
func (w Wish) Virtualenv() (*Virtualenv, error) {
	v := &Virtualenv{overwrite: w.Overwrite}
	var err error
	if v.user, err = access.SudoUser(w.User, w.Options); err != nil {
		return nil, err
	}
	if v.flags, err = w.Options.String("virtualenv_flags", ""); err != nil {
		return nil, err
	}
	root, err := w.Options.String("virtualenv_root", w.Environment.VirtualenvRoot)
	if err != nil {
		return nil, err
	}
	if v.Path, err = join(root, cmp.Or(w.Name, w.Environment.VirtualenvName, w.Topology)); err != nil {
		return nil, fmt.Errorf("environment %q of config.json: %w", w.Environment.Name, err)
	}
	files := w.Requirements
	if len(files) == 0 {
		if files, err = requirements.Of(w.Folder, w.Topology); err != nil {
			return nil, err
		}
	}
	if v.requirements, err = flatten(files); err != nil {
		return nil, err
	}
	if !strings.Contains(v.requirements, "streamparse") {
		return nil, hint.With(fmt.Errorf("%s does not list streamparse", terminal.Listed(files)),
			"add a line `streamparse`: the workers of every topology need it")
	}
	return v, nil
}

// join is the path of a virtualenv. A later run may delete that path, so the name must
// not lead out of root.
func join(root, name string) (string, error) {
	switch {
	case root == "":
		return "", errors.New("virtualenv_root, the directory for virtualenvs on the cluster's machines, is not set")
	case !path.IsAbs(root):
		return "", fmt.Errorf("virtualenv_root must be an absolute path, not %q", root)
	case name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00\n"):
		return "", fmt.Errorf("invalid virtualenv name %q", name)
	}
	return path.Join(root, name), nil
}

// flatten makes one file of several, with the files that they include, because the
// machines have none of them.
func flatten(files []string) (string, error) {
	lines, err := requirements.Read(files)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, line := range lines {
		if _, local := line.Path(); local && line.Is("-c", "--constraint") {
			return "", fmt.Errorf("%s: %q: the machines do not have that file: copy its lines into this one", line.File, line.Text)
		}
		b.WriteString(line.Text + "\n")
	}
	return b.String(), nil
}
