package submit

import (
	"context"
	"path/filepath"
	"strings"

	"gust/conf"
	"gust/internal/hint"
	"gust/project/requirements"
	"gust/storm/workerenv"
)

// virtualenv is the directory of the topology's virtualenv on the workers, or empty if
// its components run without one.
func (s *submission) virtualenv() (string, error) {
	use, err := s.conf.Bool("use_virtualenv", true)
	environment := s.environment()
	if err != nil || !use || environment == nil || s.Jar.Bundle {
		return "", err
	}
	named := *environment
	if named.VirtualenvRoot, err = s.conf.String("virtualenv_root", environment.VirtualenvRoot); err != nil {
		return "", err
	}
	if named.VirtualenvName, err = s.conf.String("virtualenv_name", environment.VirtualenvName); err != nil {
		return "", err
	}
	return named.Virtualenv(s.name), nil
}

// installVirtualenv makes or updates the virtualenv on the workers. Like sparse, it does
// so unless install_virtualenv is false.
func (s *submission) installVirtualenv(ctx context.Context) error {
	dir, err := s.virtualenv()
	if err != nil || dir == "" {
		return err
	}
	install, err := s.conf.Bool("install_virtualenv", true)
	if err != nil || !install {
		return err
	}
	user, err := s.conf.String(conf.SudoUser, "")
	if err != nil {
		return err
	}
	if err := s.updateVirtualenv(ctx, filepath.Base(dir), user); err != nil {
		if strings.Contains(err.Error(), hint.Prefix) {
			return err
		}
		return hint.With(err, "use --bundle to put the packages into the jar instead, or install_virtualenv: false in config.json to leave the virtualenvs unchanged")
	}
	return nil
}

// updateVirtualenv makes or updates the virtualenv of that name.
func (s *submission) updateVirtualenv(ctx context.Context, name, user string) error {
	options := s.Cluster.Options(s.Source.Options)
	v, err := workerenv.Wish{
		Topology: s.loadedName(), Environment: s.environment(), Options: options, Name: name,
		Requirements: s.Jar.Requirements, Folder: requirements.Folder(s.loaded.Project, s.projectDir()), User: user, Overwrite: s.Jar.Fresh,
	}.Virtualenv()
	if err != nil {
		return err
	}
	targets, err := s.Cluster.Workers(ctx, s.client, options)
	if err != nil {
		return err
	}
	s.Voice.Say("%s", v.Plan(targets))
	return v.Install(ctx, &s.Cluster, targets, s.Pool, s.Voice, s.Stderr)
}
