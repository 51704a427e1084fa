package run

import (
	"context"

	"github.com/rs/zerolog"

	"gust/internal/hint"
	"gust/status/served"
	"gust/ui/metrics"
	"gust/ui/traces"
)

// exports are what a run sends to an OpenTelemetry collector, if the environment names one.
var exports = []struct {
	what  string
	begin func(context.Context, served.Source, func(error)) (stop func(context.Context) error, err error)
}{
	{"metrics", metrics.Export},
	{"traces", traces.Export},
}

// export sends all exports until the function that it returns is called, which sends the
// last data. A run goes on without: the variables may be meant for the components, and other
// programs read more of them.
func (s *Session) export(ctx context.Context, log zerolog.Logger) (end func()) {
	var ends []func()
	for _, e := range exports {
		stop, err := e.begin(ctx, served.One(s.Served()), func(err error) { log.Warn().Msgf("cannot export %s: %v", e.what, err) })
		if err != nil {
			log.Warn().Msgf("no %s are exported: %s", e.what, hint.Text(err))
		}
		ends = append(ends, func() {
			if err := stop(context.WithoutCancel(ctx)); err != nil {
				log.Warn().Msgf("cannot export the last %s: %v", e.what, err)
			}
		})
	}
	return func() {
		for _, end := range ends {
			end()
		}
	}
}
