package submit

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/apache/thrift/lib/go/thrift"

	"gust/conf"
	"gust/storm"
	"gust/storm/generated"
)

// The files of a backup, which is a zip.
const (
	backupName     = "name"
	backupJar      = "stormjar.jar"
	backupConf     = "conf.json"
	backupTopology = "topology.thrift"
)

// madeByNimbus are keys that Nimbus adds to a topology's conf. It adds them again when
// the topology is submitted again.
var madeByNimbus = []string{
	"storm.id", "topology.name", "topology.submitter.user", "topology.submitter.principal",
	"topology.kryo.register", "topology.kryo.decorators", "topology.users", "storm.zookeeper.topology.auth.payload",
	"topology.worker.nimbus.thrift.client.use.tls", "nimbus.thrift.client.use.tls",
}

// backUp writes everything that is needed to submit a topology again, as it runs now, to
// a file: its jar, its conf and its structure.
func backUp(ctx context.Context, client *storm.Client, t *generated.TopologySummary, file string) (err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	// A conf may have passwords.
	out, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := out.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			os.Remove(file)
		}
	}()
	archive := zip.NewWriter(out)
	if err := backupInto(ctx, client, t, archive); err != nil {
		return err
	}
	return archive.Close()
}

func backupInto(ctx context.Context, client *storm.Client, t *generated.TopologySummary, archive *zip.Writer) error {
	config, err := client.TopologyConf(ctx, t.ID)
	if err != nil {
		return err
	}
	user, err := client.UserTopology(ctx, t.ID)
	if err != nil {
		return err
	}
	written, err := thrift.NewTSerializer().Write(ctx, user)
	if err != nil {
		return fmt.Errorf("the topology cannot be written as Thrift: %w", err)
	}
	for _, part := range []struct {
		name string
		text []byte
	}{{backupName, []byte(t.Name)}, {backupConf, []byte(config)}, {backupTopology, written}} {
		w, err := archive.Create(part.name)
		if err != nil {
			return err
		}
		if _, err := w.Write(part.text); err != nil {
			return err
		}
	}
	// The jar is already compressed.
	w, err := archive.CreateHeader(&zip.FileHeader{Name: backupJar, Method: zip.Store})
	if err != nil {
		return err
	}
	return client.DownloadJar(ctx, t.ID, w)
}

// readBackup reads a backup, and writes the jar to jarFile. The caller sets the jar's
// place on Nimbus.
func readBackup(ctx context.Context, file, jarFile string) (*storm.Submission, error) {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read the backup: %w", err)
	}
	defer archive.Close()
	parts := map[string][]byte{}
	for _, name := range []string{backupName, backupConf, backupTopology, backupJar} {
		part, err := archive.Open(name)
		if err != nil {
			return nil, fmt.Errorf("%s is not a backup of a topology: it has no %s", file, name)
		}
		parts[name], err = io.ReadAll(part)
		part.Close()
		if err != nil {
			return nil, fmt.Errorf("cannot read the backup %s: %w", file, err)
		}
	}
	config, err := restoredConf(parts[backupConf])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	t := generated.NewStormTopology()
	if err := thrift.NewTDeserializer().Read(ctx, t, parts[backupTopology]); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := os.WriteFile(jarFile, parts[backupJar], 0o600); err != nil {
		return nil, err
	}
	return &storm.Submission{Name: string(parts[backupName]), Conf: config, Topology: t}, nil
}

// restoredConf is a topology's conf without the keys that Nimbus has added.
func restoredConf(text []byte) (string, error) {
	parsed, err := conf.ParseJSON(text)
	if err != nil {
		return "", err
	}
	object, ok := parsed.(map[string]any)
	if !ok {
		return "", fmt.Errorf("its conf is not a JSON object")
	}
	for _, key := range madeByNimbus {
		delete(object, key)
	}
	return marshal(object)
}
