package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/storm"
	"gust/storm/generated"
	"gust/storm/jar"
	"gust/storm/operate"
	"gust/storm/submit"
	"gust/topology"
	"gust/topology/load"
)

// submission is one run of `submit`: what is submitted, and to which cluster.
type submission struct {
	cli *cli
	o   *submitOptions

	loaded  *load.Loaded
	name    string // on the cluster
	client  *storm.Client
	cluster *generated.ClusterSummary
	conf    conf.Conf
	hooks   *hooks

	jarFile string // on this machine, empty with -R
	scratch string // a folder for what is only needed meanwhile
}

// runSubmit submits the topology at path, or the project's where path is empty,
// and watches it. Everything that can fail beforehand has been tried before a
// running topology is killed for it.
func runSubmit(ctx context.Context, c *cli, o *submitOptions, path string) error {
	o.cluster.environment, o.cluster.configFile = o.environment, o.configFile
	s := &submission{cli: c, o: o}
	defer s.cli.Clear()
	var err error
	if s.scratch, err = os.MkdirTemp("", "gust-submit"); err != nil {
		return err
	}
	defer os.RemoveAll(s.scratch)
	if o.restore != "" {
		return s.restore(ctx)
	}
	if err := s.prepare(ctx, path); err != nil {
		return err
	}
	defer s.client.Close()
	old, err := s.nameFree()
	if err != nil {
		return err
	}
	if s.conf, err = s.hooks.run(ctx, preSubmit, s.conf); err != nil {
		return err
	}
	if err := s.installVirtualenv(ctx); err != nil {
		return err
	}
	if err := s.buildJar(ctx); err != nil {
		return err
	}
	ready, err := s.translate()
	if err != nil {
		return err
	}
	if err := s.send(ctx, ready, old); err != nil {
		return err
	}
	_, err = s.hooks.run(ctx, postSubmit, s.conf)
	return err
}

// prepare loads the topology and finds the cluster.
func (s *submission) prepare(ctx context.Context, path string) error {
	s.o.given = s.o.options.conf
	loaded, err := load.Load(ctx, s.o.request(s.cli, path))
	if err != nil {
		if ctx.Err() != nil {
			return errors.New("interrupted while reading the topology")
		}
		return err
	}
	for _, w := range loaded.Warnings {
		s.cli.Warn(w)
	}
	original := loaded.Topology.Name
	s.loaded, s.name = loaded, cmp.Or(s.o.overrideName, original)
	loaded.Topology.Name = s.name
	if err := submit.Check(loaded.Topology); err != nil {
		return err
	}
	cluster, err := s.o.cluster.clusterOf(s.environment())
	if err != nil {
		return err
	}
	if s.client, err = cluster.Connect(ctx); err != nil {
		return err
	}
	if s.cluster, err = s.client.ClusterInfo(ctx); err != nil {
		return err
	}
	if len(s.cluster.Supervisors) == 0 {
		s.cli.Warn("the cluster has no supervisors: the topology will run when it has one")
	}
	if s.conf, err = submit.Conf(loaded.Topology, s.o.options.conf, s.workerHosts()); err != nil {
		return err
	}
	s.conf["topology.original_name"] = original
	return s.findHooks(original)
}

// environment is that of config.json, or nil where there is none.
func (s *submission) environment() *conf.Environment {
	if s.loaded.Environment == nil || s.loaded.Environment.Name == "" {
		return nil
	}
	return s.loaded.Environment
}

// workerHosts is how many machines with workers there are: config.json may list
// them, and else the cluster knows.
func (s *submission) workerHosts() int {
	if e := s.environment(); e != nil {
		if listed, ok := e.Settings["workers"].([]any); ok && len(listed) > 0 {
			return len(listed)
		}
	}
	return len(s.cluster.Supervisors)
}

// projectDir is the directory that config.json lies in, or the topology's.
func (s *submission) projectDir() string {
	if s.loaded.Project != nil && s.o.configFile == "" {
		return filepath.Dir(s.loaded.Project.File)
	}
	if dir := s.resources(); dir != "" && s.loaded.Topology.Source != "" && isSpec(s.loaded.Topology.Source) {
		return filepath.Dir(dir)
	}
	return filepath.Dir(s.loaded.Topology.Source)
}

// isSpec tells whether a topology's file is one of a streamparse project.
func isSpec(file string) bool { return filepath.Ext(file) == ".py" || filepath.Ext(file) == ".clj" }

// resources is the directory that the components run in.
func (s *submission) resources() string {
	for _, component := range s.loaded.Topology.Components {
		if component.Dir != "" {
			return component.Dir
		}
	}
	return ""
}

func (s *submission) findHooks(original string) error {
	s.hooks = &hooks{cli: s.cli, project: s.loaded.Project, environment: s.environment(), dir: s.projectDir(), topology: s.name}
	if s.environment() == nil {
		return nil
	}
	python, err := load.Python(load.Request{Dir: s.projectDir(), Name: original, Python: s.o.python}, s.environment())
	s.hooks.python = python
	return err
}

// nameFree finds the topology that has the name, which is an error unless it is
// to be replaced.
func (s *submission) nameFree() (old *generated.TopologySummary, err error) {
	for _, t := range s.cluster.Topologies {
		if t.Name == s.name {
			old = t
		}
	}
	switch {
	case old == nil:
		return nil, nil
	case s.o.force:
		return old, nil
	case old.Status == "KILLED":
		return nil, hint.With(fmt.Errorf("a topology %q is being killed on %s, and keeps its name until it is gone", s.name, s.client.Nimbus()),
			"try again in a moment, or use -f, which waits for it")
	}
	return nil, hint.With(fmt.Errorf("a topology %q already runs on %s: %s, %s, up %s", s.name, s.client.Nimbus(), old.ID, strings.ToLower(old.Status), uptime(int(old.UptimeSecs)).text),
		"-f replaces it; -N NAME submits this one under another name")
}

// buildJar makes the jar, or finds the one that the command line names, and
// sees what it has to say about the components.
func (s *submission) buildJar(ctx context.Context) error {
	switch {
	case s.o.remoteJar != "":
		return s.settle(func(string) bool { return s.conf[conf.TopologyMultilangSerializer] != nil })
	case s.o.localJar != "":
		names, err := jar.Names(s.o.localJar)
		if err != nil {
			return err
		}
		s.jarFile = s.o.localJar
		return s.settle(func(name string) bool { return names[name] })
	}
	resources := s.resources()
	if resources == "" {
		return errors.New("the topology has no component that is a program, so there is nothing to put into a jar\nhint: -j FILE submits the jar with its classes")
	}
	recipe := s.o.jar.recipe()
	recipe.Dir, recipe.Resources, recipe.Name = s.projectDir(), resources, s.loadedName()
	recipe.Project, recipe.Environment, recipe.Python = s.loaded.Project, s.environment(), s.o.python
	recipe.Step = func(text string) { s.cli.Show("%s", text) }
	j, err := recipe.Make(ctx)
	s.cli.Clear()
	if err != nil {
		return err
	}
	s.jarFile = filepath.Join(s.scratch, "topology.jar")
	size, err := j.WriteFile(s.jarFile)
	if err != nil {
		return err
	}
	s.cli.Line("jar: %s, %s", terminal.Count(len(j.Entries()), "file"), terminal.Bytes(size))
	return s.settle(j.Has)
}

// loadedName is the topology's name in its file.
func (s *submission) loadedName() string {
	name, _ := s.conf.String("topology.original_name", s.name)
	return name
}

// settle decides what depends on the classes in the jar: whether components may
// speak msgpack, for which Storm itself has no serializer.
func (s *submission) settle(has func(name string) bool) error {
	t := s.loaded.Topology
	if s.o.remoteJar == "" {
		for class, user := range submit.Classes(t) {
			if !has(class) {
				s.cli.Warn(fmt.Sprintf("%s needs %s, which is not in the jar: the cluster must have it, or add it with --add FILE.jar", user, class))
			}
		}
	}
	class, err := s.conf.String(conf.TopologyMultilangSerializer, msgpackSerializer)
	if err != nil {
		return err
	}
	if !speaksMsgpack(t) {
		return nil
	}
	if has(submit.ClassFile(class)) {
		s.conf[conf.TopologyMultilangSerializer] = class
		return nil
	}
	changed, err := submit.SpeakJSON(t)
	if err != nil {
		return err
	}
	delete(s.conf, conf.TopologyMultilangSerializer)
	s.cli.Warn(fmt.Sprintf("Storm has no msgpack serializer, and %s is not in the jar: %s will use JSON on the cluster",
		class, strings.Join(changed, ", ")))
	return nil
}

// msgpackSerializer is the class that streamparse's documentation names.
const msgpackSerializer = "com.parsely.streamparse.MsgPackSerializer"

func speaksMsgpack(t *topology.Topology) bool {
	for _, component := range t.Components {
		if component.Java == "" && component.Serializer == "msgpack" {
			return true
		}
	}
	return false
}

// translate puts the topology into Storm's form.
func (s *submission) translate() (*storm.Submission, error) {
	launch, err := s.launch()
	if err != nil {
		return nil, err
	}
	translated, err := submit.Translate(s.loaded.Topology, launch)
	if err != nil {
		return nil, err
	}
	text, err := submit.JSON(s.conf)
	if err != nil {
		return nil, fmt.Errorf("the conf of the topology: %w", err)
	}
	return &storm.Submission{Name: s.name, Conf: text, Topology: translated, Inactive: s.o.inactive}, nil
}

// launch is how the workers start streamparse's components.
func (s *submission) launch() (submit.Launch, error) {
	if s.o.jar.bundle {
		return submit.Bundled(s.o.workerPython), nil
	}
	const program = "streamparse_run"
	dir, err := s.virtualenv()
	if err != nil || dir == "" {
		return submit.StreamparseRun(program), err
	}
	return submit.StreamparseRun(dir + "/bin/" + program), nil
}

// send uploads the jar, replaces the old topology if there is one, submits, and
// watches.
func (s *submission) send(ctx context.Context, ready *storm.Submission, old *generated.TopologySummary) error {
	if err := s.fits(ctx, ready); err != nil {
		return err
	}
	if err := s.upload(ctx, ready); err != nil {
		return err
	}
	id, backup, err := s.replace(ctx, ready, old)
	if err != nil {
		return err
	}
	s.cli.Line("submitted %s to %s as %s", s.name, s.client.Nimbus(), id)
	if s.o.noWait {
		return s.print(id, ready.Jar, "submitted")
	}
	if err := s.watch(ctx, id, ready); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("no longer watching: %s stays submitted", id)
		}
		err = hint.With(fmt.Errorf("%s was submitted, but does not run:\n%w", id, err),
			fmt.Sprintf("it stays on the cluster, and Storm keeps retrying: `%[1]s submit -f` replaces it, `%[1]s kill` removes it", s.cli.name))
		return s.goBack(err, backup)
	}
	return s.print(id, ready.Jar, "running")
}

// fits is an error where Nimbus would not read the submission. Its limit is in
// its conf, as far as the user may see that.
func (s *submission) fits(ctx context.Context, ready *storm.Submission) error {
	most := 1 << 20
	if text, err := s.client.NimbusConf(ctx); err == nil {
		if settings, err := conf.ParseJSON([]byte(text)); err == nil {
			if object, ok := settings.(map[string]any); ok {
				if n, err := conf.Conf(object).Int("nimbus.thrift.max_buffer_size", most); err == nil && n > 0 {
					most = n
				}
			}
		}
	}
	s.client.SetMaxFrame(most)
	size, err := ready.Size()
	if err != nil {
		return err
	}
	const place = 300 // the jar's place, which is not known yet
	if size+place <= most {
		return nil
	}
	return hint.With(
		fmt.Errorf("topology %q is too large to submit: with its conf it takes %s, but Nimbus reads at most %s", s.name, terminal.Bytes(int64(size)), terminal.Bytes(int64(most))),
		"move large values of its conf into a file in the jar, or raise nimbus.thrift.max_buffer_size on the cluster",
	)
}

// upload gives the jar to Nimbus.
func (s *submission) upload(ctx context.Context, ready *storm.Submission) error {
	if s.o.remoteJar != "" {
		ready.Jar = s.o.remoteJar
		return nil
	}
	file, err := os.Open(s.jarFile)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	ready.Jar, err = s.client.Upload(ctx, file, info.Size(), func(done int64) {
		s.cli.Show("uploading %s", terminal.Bar(done, info.Size()))
	})
	s.cli.Clear()
	return err
}

// replace submits the topology, in the place of the old one if there is one. That is
// killed last: when a copy of it is kept, and Nimbus has nothing against the new
// one but its name.
func (s *submission) replace(ctx context.Context, ready *storm.Submission, old *generated.TopologySummary) (id, backup string, err error) {
	cannot := func(err error) error { return fmt.Errorf("cannot submit %q: %w", s.name, err) }
	if old == nil {
		if id, err = submit.Submit(ctx, s.client, *ready, ""); err != nil {
			err = cannot(err)
		}
		return id, "", err
	}
	if id, err = submit.Rehearse(ctx, s.client, *ready, old.ID); err != nil {
		return "", "", fmt.Errorf("%w\n%s was not touched", cannot(err), old.ID)
	}
	if id != "" {
		return id, "", nil // the old one has ended by itself meanwhile
	}
	backup = s.keep(ctx, old)
	if ctx.Err() != nil {
		return "", "", fmt.Errorf("interrupted; %s was not touched", old.ID)
	}
	wait := s.o.wait.Duration
	s.cli.Line("killing %s (%s, up %s), which this replaces", old.ID, strings.ToLower(old.Status), uptime(int(old.UptimeSecs)).text)
	s.cli.Show("waiting until it is gone: its workers have %v to finish ...", wait)
	err = operate.OrderKill(ctx, s.client, s.name, wait)
	if _, gone := errors.AsType[*storm.NotAliveError](err); err != nil && !gone {
		s.cli.Clear()
		return "", "", s.goBack(fmt.Errorf("cannot replace %s, which may or may not have been killed: %w", old.ID, err), backup)
	}
	err = operate.UntilGone(ctx, s.client, s.name)
	s.cli.Clear()
	if err == nil {
		id, err = submit.SubmitAfterKill(ctx, s.client, *ready, old.ID)
	}
	if err == nil {
		return id, backup, nil
	}
	if ctx.Err() != nil {
		err = errors.New("stopped")
	}
	err = fmt.Errorf("%s was killed, and nothing runs in its place: %w", old.ID, cannot(err))
	if backup == "" {
		err = hint.With(err, "no copy of it was kept: submit this topology again, or the one before")
	}
	return "", "", s.goBack(err, backup)
}

// keep puts the old topology aside, for a way back. The submission goes on
// without: it may be too old a Storm, or a user who may not read the jar.
func (s *submission) keep(ctx context.Context, old *generated.TopologySummary) string {
	dir, err := os.UserCacheDir()
	if err != nil || filepath.Base(old.ID) != old.ID { // an id is Nimbus' word, and no way out of the folder
		return ""
	}
	file := filepath.Join(dir, "gust", "replaced", old.ID+".zip")
	s.cli.Show("saving a copy of %s ...", old.ID)
	if err := submit.Backup(ctx, s.client, old, file); err != nil {
		s.cli.Warn(fmt.Sprintf("no copy of %s was saved to restore it from: %v", old.ID, err))
		return ""
	}
	forgetOld(filepath.Dir(file), s.name)
	return file
}

// keptCopies is how many copies of one topology are kept.
const keptCopies = 5

// forgetOld deletes the copies of a topology but the latest. Nobody is told of
// one that cannot be deleted: the next time will do.
func forgetOld(dir, name string) {
	ofTopology := regexp.MustCompile(`^` + regexp.QuoteMeta(name) + `-\d+-(\d+)\.zip$`)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	var copies []string
	for _, entry := range entries {
		if ofTopology.MatchString(entry.Name()) {
			copies = append(copies, entry.Name())
		}
	}
	// The second number is when it was submitted, in seconds.
	slices.SortFunc(copies, func(a, b string) int {
		return cmp.Compare(ofTopology.FindStringSubmatch(a)[1], ofTopology.FindStringSubmatch(b)[1])
	})
	for _, old := range copies[:max(0, len(copies)-keptCopies)] {
		_ = os.Remove(filepath.Join(dir, old))
	}
}

// goBack adds to an error how to return to the topology that was replaced.
func (s *submission) goBack(err error, backup string) error {
	if backup == "" {
		return err
	}
	return hint.With(err, fmt.Sprintf("to restore the old one: %s submit -f --restore %s", s.cli.name, backup))
}

// print tells what came of it.
func (s *submission) print(id, place, status string) error {
	if !s.o.json {
		_, err := fmt.Fprintln(s.cli.stdout, id)
		return err
	}
	return json.NewEncoder(s.cli.stdout).Encode(map[string]string{
		"id": id, "name": s.name, "nimbus": s.client.Nimbus(), "jar": place, "status": status,
	})
}
