package main

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// A bom is a software bill of materials, in CycloneDX's JSON.
type bom struct {
	Format     string      `json:"bomFormat"`
	Spec       string      `json:"specVersion"`
	Version    int         `json:"version"`
	Metadata   bomMetadata `json:"metadata"`
	Components []component `json:"components"`
}

type bomMetadata struct {
	Timestamp string    `json:"timestamp"`
	Component component `json:"component"`
}

// A component is a program or a library.
type component struct {
	Type    string `json:"type"`
	Ref     string `json:"bom-ref"`
	Name    string `json:"name"`
	Version string `json:"version"`
	PURL    string `json:"purl"`
}

// library is a component that has a package of one of the registries.
func library(kind, name, version, qualifiers string) component {
	purl := "pkg:" + kind + "/" + strings.ReplaceAll(name, "@", "%40") + "@" + strings.ReplaceAll(version, "+", "%2B") + qualifiers
	return component{"library", purl, name, version, purl}
}

// sbom lists what is in a program of gust: Go and the modules, as the program itself has
// them, and what the web page consists of.
func (r *release) sbom(binary string) ([]byte, error) {
	components, err := r.programComponents(binary)
	if err != nil {
		return nil, err
	}
	return r.bom("application", components)
}

// bom is the SBOM of gust, or of an image with gust.
func (r *release) bom(kind string, components []component) ([]byte, error) {
	gust := component{kind, "gust@" + r.version, "gust", r.version, "pkg:generic/gust@" + r.version}
	text, err := json.MarshalIndent(bom{"CycloneDX", "1.6", 1, bomMetadata{r.time.Format(time.RFC3339), gust}, components}, "", "  ")
	return append(text, '\n'), err
}

// programComponents are the components of a program of gust.
func (r *release) programComponents(binary string) ([]component, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	components := []component{library("golang", "stdlib", strings.TrimPrefix(info.GoVersion, "go"), "")}
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		components = append(components, library("golang", module.Path, module.Version, ""))
	}
	page, err := r.pageComponents()
	return append(components, page...), err
}

// taken finds the packages that ui/page/vendor-web takes.
var taken = regexp.MustCompile(`(?m)^take (@?[^@\s]+)@(\S+) `)

// pageComponents are the libraries and fonts of the web page.
func (r *release) pageComponents() ([]component, error) {
	script, err := os.ReadFile(filepath.Join(r.top, "ui", "page", "vendor-web"))
	if err != nil {
		return nil, err
	}
	var components []component
	for _, match := range taken.FindAllStringSubmatch(string(script), -1) {
		components = append(components, library("npm", match[1], match[2], ""))
	}
	if len(components) == 0 {
		return nil, fmt.Errorf("ui/page/vendor-web takes no packages, as far as release/sbom.go can read it")
	}
	return components, nil
}

// debianField finds a field of a paragraph of dpkg's status.
var debianField = regexp.MustCompile(`(?m)^(Package|Version|Architecture): (.*)$`)

// debianComponents are the packages in dpkg's status file.
func debianComponents(status []byte) (components []component) {
	for paragraph := range strings.SplitSeq(string(status), "\n\n") {
		fields := map[string]string{}
		for _, match := range debianField.FindAllStringSubmatch(paragraph, -1) {
			fields[match[1]] = match[2]
		}
		if name := fields["Package"]; name != "" {
			c := library("deb", "debian/"+name, fields["Version"], "?arch="+fields["Architecture"])
			c.Name = name
			components = append(components, c)
		}
	}
	return components
}
