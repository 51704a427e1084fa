package submit

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"gust/conf"
	"gust/internal/pyrun"
	"gust/internal/terminal"
)

//go:embed hooks.py
var hooksProgram string

// The moments of a submission at which hooks run.
const (
	preSubmit  = "pre_submit"
	postSubmit = "post_submit"
)

// hooks are what a project runs before and after a submission: the programs in
// config.json, for an environment or for all, and the functions in tasks.py and
// fabfile.py.
type hooks struct {
	voice       Voice
	stderr      io.Writer
	project     *conf.Project
	environment *conf.Environment
	dir         string // the project's
	python      string
	topology    string
}

// run runs the hooks of a moment, and returns the options, which functions in Python may
// change, as with sparse.
func (h *hooks) run(ctx context.Context, moment string, options conf.Conf) (conf.Conf, error) {
	if h.environment == nil {
		return options, nil
	}
	programs, err := h.programs(moment)
	if err != nil {
		return nil, err
	}
	for _, program := range programs {
		if err := h.runProgram(ctx, moment, program, options); err != nil {
			return nil, h.stopped(ctx, moment, err)
		}
	}
	options, err = h.runPython(ctx, moment, options)
	return options, h.stopped(ctx, moment, err)
}

// stopped rewords the error of a hook that the user has stopped.
func (h *hooks) stopped(ctx context.Context, moment string, err error) error {
	if err != nil && ctx.Err() != nil || errors.Is(err, terminal.ErrInterrupted) {
		return fmt.Errorf("stopped in the hook %s", moment)
	}
	return err
}

// programs are the programs in config.json: a string or a list of strings.
func (h *hooks) programs(moment string) ([]string, error) {
	named := h.environment.Settings[moment]
	if named == nil && h.project != nil {
		named = h.project.Settings[moment]
	}
	switch named := named.(type) {
	case nil:
		return nil, nil
	case string:
		return []string{named}, nil
	case []any:
		programs := make([]string, len(named))
		for i, program := range named {
			text, ok := program.(string)
			if !ok {
				return nil, &conf.KeyError{Key: moment, Want: "a program, or a list of programs", Got: program}
			}
			programs[i] = text
		}
		return programs, nil
	}
	return nil, &conf.KeyError{Key: moment, Want: "a program, or a list of programs", Got: named}
}

// runProgram runs a program in the project's directory.
func (h *hooks) runProgram(ctx context.Context, moment, program string, options conf.Conf) error {
	told, err := h.told(options)
	if err != nil {
		return err
	}
	text, err := json.Marshal(told)
	if err != nil {
		return err
	}
	path := program
	if strings.ContainsRune(program, filepath.Separator) && !filepath.IsAbs(program) {
		if path, err = filepath.Abs(filepath.Join(h.dir, program)); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, path)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = h.dir, bytes.NewReader(text), h.stderr, h.stderr
	cmd.Env = append(os.Environ(), "GUST_HOOK="+moment, "GUST_TOPOLOGY="+h.topology, "GUST_ENVIRONMENT="+h.environment.Name)
	wait, err := startHook(ctx, cmd)
	if err == nil {
		err = wait()
	}
	if err != nil {
		return fmt.Errorf("the hook %s of config.json, %s, failed: %w", moment, program, err)
	}
	return nil
}

// told is the input of a hook.
func (h *hooks) told(options conf.Conf) (map[string]any, error) {
	text, err := marshal(options)
	if err != nil {
		return nil, err
	}
	settings, err := marshal(h.environment.Settings)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"topology": h.topology, "environment": h.environment.Name,
		"settings": json.RawMessage(settings), "options": json.RawMessage(text),
	}, nil
}

// hookAnswer is what hooks.py answers.
type hookAnswer struct {
	Options json.RawMessage   `json:"options"`
	Called  []string          `json:"called"`
	Missing map[string]string `json:"missing"`
}

// runPython runs the functions of tasks.py and fabfile.py, if these files mention the
// moment: starting an interpreter takes a while.
func (h *hooks) runPython(ctx context.Context, moment string, options conf.Conf) (conf.Conf, error) {
	var modules []string
	for _, module := range []string{"tasks", "fabfile"} {
		text, err := os.ReadFile(filepath.Join(h.dir, module+".py"))
		if err == nil && bytes.Contains(text, []byte(moment)) {
			modules = append(modules, module)
		}
	}
	if len(modules) == 0 {
		return options, nil
	}
	told, err := h.told(options)
	if err != nil {
		return nil, err
	}
	told["hook"], told["modules"] = moment, modules
	var answer hookAnswer
	err = pyrun.Ask(ctx, h.python, pyrun.Question{
		Program: hooksProgram, Value: told, Dir: h.dir, Stdout: h.stderr, Stderr: h.stderr, Stay: true, Start: startHook,
	}, &answer)
	if raised, ok := errors.AsType[*pyrun.RaisedError](err); ok {
		return nil, fmt.Errorf("the hook %s failed:\n%s", moment, strings.TrimRight(raised.Traceback, "\n"))
	}
	if errors.Is(err, terminal.ErrInterrupted) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("the hook %s of %s.py cannot be run with %s: %w", moment, strings.Join(modules, ".py and "), h.python, err)
	}
	for module, reason := range answer.Missing {
		h.voice.Warn(fmt.Sprintf("%s of %s.py was not run: %s", moment, module, reason))
	}
	parsed, err := conf.ParseJSON(answer.Options)
	if err != nil {
		return nil, fmt.Errorf("the hook %s left options that are not JSON: %w", moment, err)
	}
	object, ok := parsed.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the hook %s left options that are not a JSON object", moment)
	}
	return object, nil
}
