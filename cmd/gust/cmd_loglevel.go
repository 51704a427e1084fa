package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/storm"
	"gust/storm/generated"
	"gust/topology"
)

const loglevelLong = `Show or change the levels of the loggers in a topology's workers, while they run. A
worker takes a new level within half a minute, and keeps it when it starts again.

The loggers are those of the workers' Java: ROOT for all, or a package or class. What
components log through Storm comes from org.apache.storm.spout.ShellSpout and
org.apache.storm.task.ShellBolt; the level at which a Python component logs in the first
place is pystorm.log.level of the topology's options, which it reads when it starts.

EXIT STATUS

0 where the levels were shown or changed, 1 where they were not, 2 where the command
line is wrong.`

// loglevelOptions are the flags of `loglevel`.
type loglevelOptions struct {
	targetOptions
	levels []string
	remove []string
}

// AddFlags declares the flags.
func (o *loglevelOptions) AddFlags(flags *pflag.FlagSet) {
	o.targetOptions.AddFlags(flags)
	flags.StringArrayVarP(&o.levels, "level", "l", nil, "give a logger a level: `LOGGER=LEVEL[:SECS]`, back again after SECS seconds;\nmay be repeated")
	flags.StringArrayVarP(&o.remove, "remove", "r", nil, "give `LOGGER` back its own level; may be repeated")
}

func newLoglevelCommand(c *cli) *cobra.Command {
	var o loglevelOptions
	cmd := &cobra.Command{
		Use:   "loglevel [TOPOLOGY]",
		Short: "Show or change the levels of a topology's loggers",
		Long:  loglevelLong,
		Example: fmt.Sprintf(`  %[1]s loglevel wordcount
  %[1]s loglevel wordcount -l ROOT=DEBUG:300
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

// logLevels are log4j's.
var logLevels = []string{"ALL", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"}

// changes are what -l and -r say.
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

// parseLogLevel reads LOGGER=LEVEL[:SECS].
func parseLogLevel(text string) (logger string, _ *generated.LogLevel, _ error) {
	logger, level, _ := strings.Cut(text, "=")
	level, timeout, timed := strings.Cut(level, ":")
	level = strings.ToUpper(level)
	if logger == "" || level == "" {
		return "", nil, errors.New("it must look like LOGGER=LEVEL or LOGGER=LEVEL:SECS, such as ROOT=DEBUG:300")
	}
	if !slices.Contains(logLevels, level) {
		return "", nil, fmt.Errorf("there is no level %s%s: there are %s", level, topology.DidYouMean(level, logLevels), listed(logLevels))
	}
	var secs int32
	if timed {
		n, err := strconv.Atoi(timeout)
		if err != nil || n < 1 || n > math.MaxInt32 {
			return "", nil, fmt.Errorf("%q is no number of seconds, 1 or more", timeout)
		}
		secs = int32(n)
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
			_, err := fmt.Fprintln(c.stdout, "All loggers have their own levels.")
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
