package submit

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/storm/jar"
	"gust/topology"
)

// buildJar makes the jar, or uses the one that the command line names, and checks it
// against the components.
func (s *submission) buildJar(ctx context.Context) error {
	switch {
	case s.RemoteJar != "":
		return s.settle(func(string) bool { return s.conf[conf.TopologyMultilangSerializer] != nil })
	case s.LocalJar != "":
		names, err := jar.Names(s.LocalJar)
		if err != nil {
			return err
		}
		s.jarFile = s.LocalJar
		return s.settle(func(name string) bool { return names[name] })
	}
	resources := s.resources()
	if resources == "" {
		return hint.New("the topology has no component that is a program, so there is nothing to put into a jar", "-j FILE submits the jar with its classes")
	}
	recipe := s.Jar
	recipe.Dir, recipe.Resources, recipe.Name = s.projectDir(), resources, s.loadedName()
	recipe.Project, recipe.Environment, recipe.Python = s.loaded.Project, s.environment(), s.Source.Python
	recipe.Step = func(text string) { s.Voice.Show("%s", text) }
	j, err := recipe.Make(ctx)
	s.Voice.Clear()
	if err != nil {
		return err
	}
	s.jarFile = filepath.Join(s.scratch, "topology.jar")
	size, err := j.WriteFile(s.jarFile)
	if err != nil {
		return err
	}
	s.Voice.Line("jar: %s, %s", terminal.Count(len(j.Entries()), "file"), terminal.Bytes(size))
	return s.settle(j.Has)
}

// loadedName is the topology's name in its file.
func (s *submission) loadedName() string {
	name, _ := s.conf.String("topology.original_name", s.name)
	return name
}

// settle decides what depends on the classes in the jar: whether components may use
// msgpack, for which Storm itself has no serializer.
func (s *submission) settle(has func(name string) bool) error {
	t := s.loaded.Topology
	if s.RemoteJar == "" {
		for class, user := range neededClasses(t) {
			if !has(class) {
				s.Voice.Warn(fmt.Sprintf("%s needs %s, which is not in the jar: the cluster must have it, or add it with --add FILE.jar", user, class))
			}
		}
	}
	if gust, err := s.onGustWorkers(); err != nil || gust {
		return err // they need no classes
	}
	class, err := s.conf.String(conf.TopologyMultilangSerializer, msgpackSerializer)
	if err != nil {
		return err
	}
	if !speaksMsgpack(t) {
		return nil
	}
	if has(classFile(class)) {
		s.conf[conf.TopologyMultilangSerializer] = class
		return nil
	}
	changed, err := speakJSON(t)
	if err != nil {
		return err
	}
	delete(s.conf, conf.TopologyMultilangSerializer)
	s.Voice.Warn(fmt.Sprintf("Storm has no msgpack serializer, and %s is not in the jar: %s will use JSON on the cluster",
		class, strings.Join(changed, ", ")))
	return nil
}

// msgpackSerializer is the class in streamparse's documentation.
const msgpackSerializer = "com.parsely.streamparse.MsgPackSerializer"

func speaksMsgpack(t *topology.Topology) bool {
	for _, component := range t.Components {
		if component.Java == "" && component.Serializer == "msgpack" {
			return true
		}
	}
	return false
}
