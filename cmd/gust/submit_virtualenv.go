package main

import (
	"context"
	"path/filepath"
	"strings"

	"gust/internal/hint"
)

// virtualenv is the directory of the topology's virtualenv on the workers, or
// empty where its components run without one.
func (s *submission) virtualenv() (string, error) {
	use, err := s.conf.Bool("use_virtualenv", true)
	environment := s.environment()
	if err != nil || !use || environment == nil || s.o.jar.bundle {
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

// installVirtualenv makes or updates the virtualenv on the workers, as sparse
// does with a submission unless install_virtualenv is false.
func (s *submission) installVirtualenv(ctx context.Context) error {
	dir, err := s.virtualenv()
	if err != nil || dir == "" {
		return err
	}
	install, err := s.conf.Bool("install_virtualenv", true)
	if err != nil || !install {
		return err
	}
	user, err := s.conf.String("sudo_user", "")
	if err != nil {
		return err
	}
	o := &updateVirtualenvOptions{
		targetOptions: targetOptions{clusterOptions: s.o.cluster},
		ssh:           sshOptions{poolSize: s.o.poolSize, user: user},
		options:       s.o.options,
		overrideName:  filepath.Base(dir),
		requirements:  s.o.jar.requirements,
		overwrite:     s.o.jar.fresh,
		yes:           true, // --overwrite_virtualenv asks for just that
	}
	if err := runUpdateVirtualenv(ctx, s.cli, o, s.loadedName()); err != nil {
		if strings.Contains(err.Error(), hint.Prefix) {
			return err
		}
		return hint.With(err, "use --bundle to put the packages into the jar instead, or install_virtualenv: false in config.json to leave the virtualenvs unchanged")
	}
	return nil
}
