package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/terminal"
	"gust/storm"
	"gust/storm/generated"
	"gust/topology"
)

const loglevelLong = `Show or change the levels of the loggers in a topology's running workers. A worker
applies a new level within half a minute, and keeps it when it restarts.

The loggers are the workers' Java loggers: ROOT for all, or a package or class. What
components log through Storm appears under org.apache.storm.spout.ShellSpout and
org.apache.storm.task.ShellBolt. The level of a Python component itself is the option
pystorm.log.level, which it reads only when it starts.

On gust's workers the loggers are ROOT for all, or the name of a component.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

// loglevelOptions are the flags of `loglevel`.
type loglevelOptions struct {
	targetOptions
	levels []string
	remove []string
}

// AddFlags declares the flags.
func (o *loglevelOptions) AddFlags(flags *pflag.FlagSet) {
	o.targetOptions.AddFlags(flags)
	flags.StringArrayVarP(&o.levels, "level", "l", nil, "set a level: `LOGGER=LEVEL[:DURATION]`, reset after the DURATION,\nsuch as 5m; a plain number is seconds (repeatable)")
	flags.StringArrayVarP(&o.remove, "remove", "r", nil, "reset the level of `LOGGER` (repeatable)")
}

func newLoglevelCommand(c *cli) *cobra.Command {
	var o loglevelOptions
	cmd := &cobra.Command{
		Use:   "loglevel [TOPOLOGY]",
		Short: "Show or change a topology's log levels",
		Long:  loglevelLong,
		Example: fmt.Sprintf(`  %[1]s loglevel wordcount
  %[1]s loglevel wordcount -l ROOT=DEBUG:5m
  %[1]s loglevel wordcount -r ROOT`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			changes, err := o.changes()
			if err != nil {
				return wrongUsage(cmd, err)
			}
			name, err := o.chosen(cmd, args)
			if err != nil {
				return err
			}
			return runLoglevel(cmd.Context(), c, &o, name, changes)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// logLevels are log4j's levels.
var logLevels = []string{"ALL", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"}

// changes are the levels of -l and -r.
func (o *loglevelOptions) changes() (map[string]*generated.LogLevel, error) {
	changes := map[string]*generated.LogLevel{}
	for _, text := range o.levels {
		logger, level, err := parseLogLevel(text)
		if err != nil {
			return nil, fmt.Errorf("-l %s: %w", text, err)
		}
		changes[logger] = level
	}
	for _, logger := range o.remove {
		if changes[logger] != nil {
			return nil, fmt.Errorf("-l and -r both name %s", logger)
		}
		changes[logger] = &generated.LogLevel{Action: generated.LogLevelAction_REMOVE}
	}
	return changes, nil
}

// parseLogLevel reads LOGGER=LEVEL[:DURATION].
func parseLogLevel(text string) (logger string, _ *generated.LogLevel, _ error) {
	logger, level, _ := strings.Cut(text, "=")
	level, timeout, timed := strings.Cut(level, ":")
	level = strings.ToUpper(level)
	if logger == "" || level == "" {
		return "", nil, errors.New("want LOGGER=LEVEL or LOGGER=LEVEL:DURATION, such as ROOT=DEBUG:5m")
	}
	if !slices.Contains(logLevels, level) {
		return "", nil, fmt.Errorf("unknown level %s%s (want %s)", level, topology.DidYouMean(level, logLevels), terminal.Listed(logLevels))
	}
	var secs int32
	if timed {
		d := durationFlag{whole: true}
		if err := d.Set(timeout); err != nil || d.Duration < time.Second || d.Duration > math.MaxInt32*time.Second {
			return "", nil, fmt.Errorf("invalid duration %q (want whole seconds such as 5m or 300, 1 or more)", timeout)
		}
		secs = int32(d.Duration / time.Second)
	}
	return logger, &generated.LogLevel{Action: generated.LogLevelAction_UPDATE, TargetLogLevel: &level, ResetLogLevelTimeoutSecs: &secs}, nil
}

func runLoglevel(ctx context.Context, c *cli, o *loglevelOptions, name string, changes map[string]*generated.LogLevel) error {
	return o.onTopology(ctx, c, name, func(client *storm.Client, t *generated.TopologySummary) error {
		if len(changes) > 0 {
			if err := client.SetLogConfig(ctx, t.ID, &generated.LogConfig{NamedLoggerLevel: changes}); err != nil {
				return err
			}
		}
		config, err := client.LogConfig(ctx, t.ID)
		if err != nil {
			return err
		}
		s := logLevelsSheet(config)
		if !o.json && len(s.rows) == 0 {
			_, err := fmt.Fprintln(c.stdout, "All loggers have their default levels.")
			return err
		}
		return c.print(o.json, s)
	})
}

func logLevelsSheet(config *generated.LogConfig) *sheet {
	s := &sheet{key: "loggers", title: "Logger levels", columns: columns("logger", "level", "until", "-resetLevel")}
	for _, logger := range slices.Sorted(maps.Keys(config.NamedLoggerLevel)) {
		level := config.NamedLoggerLevel[logger]
		until := shown{text: "changed again"}
		if epoch := level.GetResetLogLevelTimeoutEpoch(); epoch > 0 && level.GetResetLogLevelTimeoutSecs() > 0 {
			when := time.UnixMilli(epoch)
			until = shown{text: when.Format(time.DateTime), value: when.UTC().Format(time.RFC3339)}
		}
		s.add(logger, known(level.TargetLogLevel), until, known(level.ResetLogLevel))
	}
	return s
}
