package run

import (
	"errors"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/internal/hint"
	fast "gust/runner"
	"gust/shell"
	"gust/topology"
)

// MakeFast returns the topology with its streamparse components run by the fast runner,
// as far as --runner and gust.runner ask for it and it is possible. It logs the
// exceptions. The caller calls close when the run has ended.
func MakeFast(t *topology.Topology, merged conf.Conf, mode fast.Mode, log zerolog.Logger) (_ *topology.Topology, close func(), err error) {
	files, err := fast.Lay()
	if err != nil {
		if mode == fast.Fast {
			return nil, nil, err
		}
		log.Warn().Msgf("running streamparse components without the fast runner: %v", err)
		return t, func() {}, nil
	}
	close = func() {
		if err := files.Close(); err != nil {
			log.Warn().Msgf("cannot remove the fast runner's temporary files: %v", err)
		}
	}
	find := func(component *topology.Component) (string, error) {
		spec, err := shell.NewSpec(component, merged)
		if err != nil {
			return "", err
		}
		return spec.Program()
	}
	applied, left, err := files.Apply(t, merged, mode, find)
	if err != nil {
		close()
		if _, unfit := errors.AsType[*fast.InterpreterError](err); unfit {
			err = hint.With(err, "--runner auto falls back to stock pystorm")
		}
		return nil, nil, err
	}
	told := map[string]bool{}
	for _, l := range left {
		if unfit, is := errors.AsType[*fast.InterpreterError](l.Reason); is {
			if !told[unfit.Error()] {
				told[unfit.Error()] = true
				log.Info().Msgf("running streamparse components without the fast runner: %v", unfit)
			}
			continue
		}
		level := zerolog.DebugLevel
		if l.Mode == fast.Fast {
			level = zerolog.WarnLevel
		}
		log.WithLevel(level).Str("component", l.Component).Msgf("running without the fast runner: %v", l.Reason)
	}
	return applied, close, nil
}
