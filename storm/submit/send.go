package submit

import (
	"context"
	"fmt"
	"os"

	"gust/internal/hint"
	"gust/internal/program"
	"gust/internal/terminal"
	"gust/storm"
	"gust/storm/generated"
	"gust/topology"
)

// translate converts the topology to Storm's form.
func (s *submission) translate() (*storm.Submission, error) {
	launch, err := s.launch()
	if err != nil {
		return nil, err
	}
	translated, err := translate(s.loaded.Topology, launch)
	if err != nil {
		return nil, err
	}
	text, err := marshal(withSecret(s.conf))
	if err != nil {
		return nil, fmt.Errorf("the conf of the topology: %w", err)
	}
	return &storm.Submission{Name: s.name, Conf: text, Topology: translated, Inactive: s.Inactive}, nil
}

// launch is how the workers start streamparse's components.
func (s *submission) launch() (launcher, error) {
	if s.Jar.Bundle {
		return bundled(s.WorkerPython), nil
	}
	dir, err := s.virtualenv()
	if err != nil || dir == "" {
		return streamparseRun(topology.StreamparseRun), err
	}
	return streamparseRun(dir + "/bin/" + topology.StreamparseRun), nil
}

// send uploads the jar, replaces the old topology if there is one, submits, and watches.
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
	s.Voice.Line("submitted %s to %s as %s", s.name, s.client.Nimbus(), id)
	if s.NoWait {
		return s.tell(id, ready.Jar, "submitted")
	}
	if err := s.watch(ctx, id, ready); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("no longer watching: %s stays submitted", id)
		}
		err = hint.With(fmt.Errorf("%s was submitted, but does not run:\n%w", id, err),
			fmt.Sprintf("it stays on the cluster, and Storm keeps retrying: `%[1]s submit -f` replaces it, `%[1]s kill` removes it", program.Name))
		return s.goBack(err, backup)
	}
	return s.tell(id, ready.Jar, "running")
}

// fits rejects a submission that is too large for Nimbus. The limit is in Nimbus's conf,
// which the user may not be allowed to see.
func (s *submission) fits(ctx context.Context, ready *storm.Submission) error {
	most := 1 << 20
	if settings, err := s.client.NimbusSettings(ctx); err == nil {
		if n, err := settings.Int("nimbus.thrift.max_buffer_size", most); err == nil && n > 0 {
			most = n
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

// upload uploads the jar to Nimbus.
func (s *submission) upload(ctx context.Context, ready *storm.Submission) error {
	if s.RemoteJar != "" {
		ready.Jar = s.RemoteJar
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
		s.Voice.Show("uploading %s", terminal.Bar(done, info.Size()))
	})
	s.Voice.Clear()
	return err
}

// goBack adds to an error how to restore the topology that was replaced.
func (s *submission) goBack(err error, backup string) error {
	if backup == "" {
		return err
	}
	return hint.With(err, fmt.Sprintf("to restore the old one: %s submit -f --restore %s", program.Name, backup))
}
