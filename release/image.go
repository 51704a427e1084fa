package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"gust/internal/hint"
)

// Types of OCI's image specification.
const (
	indexType    = "application/vnd.oci.image.index.v1+json"
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

// A descriptor points to a blob of an image.
type descriptor struct {
	Type        string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Platform    *imagePlatform    `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type imagePlatform struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
}

// An image is a tar in OCI's layout. It also has docker's own manifest, for releases of
// docker that cannot load others.
type image struct {
	files  []file
	layers []descriptor
	diffs  []string // the digests of the layers before compression
}

// add adds a blob.
func (i *image) add(mediaType string, data []byte) descriptor {
	digest := digestOf(data)
	i.files = append(i.files, file{"blobs/" + strings.Replace(digest, ":", "/", 1), 0o644, data})
	return descriptor{Type: mediaType, Digest: digest, Size: len(data)}
}

// addLayer adds a layer.
func (i *image) addLayer(layer []byte) error {
	compressed, err := compress(layer)
	if err != nil {
		return err
	}
	i.layers = append(i.layers, i.add(layerType, compressed))
	i.diffs = append(i.diffs, digestOf(layer))
	return nil
}

// addJSON adds a blob of JSON.
func (i *image) addJSON(mediaType string, v any) (descriptor, error) {
	text, err := json.Marshal(v)
	return i.add(mediaType, text), err
}

// digestOf is how images name a blob.
func digestOf(data []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(data)) }

// makeImage makes the image for a platform: Debian with Python, and above that gust.
func (r *release) makeImage(p platform, files []file, baseFile string) error {
	if baseFile == "" {
		baseFile = filepath.Join(r.work, "base-"+p.arch+".tar")
		if err := r.makeBase(p, baseFile); err != nil {
			return err
		}
	}
	base, err := os.ReadFile(baseFile)
	if err != nil {
		return err
	}
	var own []file
	for _, f := range files {
		own = append(own, file{"usr/" + f.path, f.mode, f.data})
	}
	top, err := tarFiles(own, r.time)
	if err != nil {
		return err
	}
	var i image
	if err := errors.Join(i.addLayer(base), i.addLayer(top)); err != nil {
		return err
	}
	created := r.time.Format(time.RFC3339)
	labels := map[string]string{
		"org.opencontainers.image.title":       "gust",
		"org.opencontainers.image.description": summary,
		"org.opencontainers.image.version":     r.version,
		"org.opencontainers.image.revision":    r.commit,
		"org.opencontainers.image.licenses":    licence,
		"org.opencontainers.image.created":     created,
	}
	config, err := i.addJSON(configType, map[string]any{
		"created":      created,
		"architecture": p.arch,
		"os":           p.os,
		"config": map[string]any{
			"User":       "gust", // release/base makes this user, and /project
			"WorkingDir": "/project",
			"Entrypoint": []string{"gust"},
			"Cmd":        []string{"--help"},
			"Env":        []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"},
			"Labels":     labels,
		},
		"rootfs": map[string]any{"type": "layers", "diff_ids": i.diffs},
		"history": []any{
			map[string]any{"created": created, "created_by": "release/base"},
			map[string]any{"created": created, "created_by": "gust " + r.version},
		},
	})
	if err != nil {
		return err
	}
	manifest, err := i.addJSON(manifestType, map[string]any{
		"schemaVersion": 2, "mediaType": manifestType, "config": config, "layers": i.layers, "annotations": labels,
	})
	if err != nil {
		return err
	}
	archive, err := i.archive(r, p, config, manifest)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("gust-%s-%s.oci", r.version, p)
	if err := r.write(name+".tar", archive); err != nil {
		return err
	}
	return r.imageSBOM(name+".cdx.json", p, base)
}

// archive is the image as a tar.
func (i *image) archive(r *release, p platform, config, manifest descriptor) ([]byte, error) {
	manifest.Platform = &imagePlatform{p.arch, p.os}
	manifest.Annotations = map[string]string{"org.opencontainers.image.ref.name": r.version}
	blob := func(d descriptor) string { return "blobs/" + strings.Replace(d.Digest, ":", "/", 1) }
	var layers []string
	for _, layer := range i.layers {
		layers = append(layers, blob(layer))
	}
	for name, v := range map[string]any{
		"oci-layout":    map[string]string{"imageLayoutVersion": "1.0.0"},
		"index.json":    map[string]any{"schemaVersion": 2, "mediaType": indexType, "manifests": []descriptor{manifest}},
		"manifest.json": []any{map[string]any{"Config": blob(config), "RepoTags": []string{"gust:" + r.version}, "Layers": layers}},
	} {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		i.files = append(i.files, file{name, 0o644, text})
	}
	return tarFiles(i.files, r.time)
}

// makeBase makes the base of the images for a platform.
func (r *release) makeBase(p platform, to string) error {
	if _, err := exec.LookPath("mmdebstrap"); err != nil {
		return hint.With(fmt.Errorf("cannot make an image: %w", err),
			"install mmdebstrap, or make no image: make release RELEASE_FLAGS=-images=")
	}
	cmd := exec.Command(filepath.Join(r.top, "release", "base"), p.arch, to)
	cmd.Env = append(os.Environ(), r.epoch())
	_, err := output(cmd)
	return err
}

// imageSBOM writes the SBOM of an image: what is in gust, and Debian's packages.
func (r *release) imageSBOM(name string, p platform, base []byte) error {
	status, err := readTar(base, "var/lib/dpkg/status")
	if err != nil {
		return err
	}
	components, err := r.programComponents(filepath.Join(r.work, p.String(), "gust"))
	if err != nil {
		return err
	}
	text, err := r.bom("container", append(components, debianComponents(status)...))
	if err != nil {
		return err
	}
	return r.write(name, text)
}

// readTar reads a file of a tar.
func readTar(archive []byte, name string) ([]byte, error) {
	for reader := tar.NewReader(bytes.NewReader(archive)); ; {
		header, err := reader.Next()
		if err != nil {
			return nil, fmt.Errorf("no %s in the base: %w", name, err)
		}
		if strings.TrimPrefix(header.Name, "./") == name {
			return io.ReadAll(reader)
		}
	}
}
