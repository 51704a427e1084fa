package load

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxYAMLValues limits the size of a document: with an alias of an alias of an alias, a
// few lines make gigabytes.
const maxYAMLValues = 100_000

// parseYAML reads a file, and reports its errors.
func parseYAML(file string, text string, rep *report) (v value) {
	file0 := place{file: file}
	documents, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		rep.errorf(yamlErrorPlace(file0, err), "%s", yamlErrorText(err))
		return value{place: file0}
	}
	b := yamlBuilder{file: file, anchors: map[string]value{}}
	found := false
	for _, document := range documents.Docs {
		if document.Body == nil || document.Body.Type() == ast.DirectiveType {
			continue
		}
		if found {
			rep.errorf(b.place(document.Body), "a second YAML document starts here: want one topology")
			return v
		}
		found = true
		if v, err = b.value(document.Body); err != nil {
			rep.errs = append(rep.errs, err)
			return value{place: file0}
		}
	}
	if !found {
		v.place = file0
	}
	return v
}

// yamlBuilder makes a [value] of a syntax tree.
type yamlBuilder struct {
	file    string
	anchors map[string]value
	values  int
}

func (b *yamlBuilder) place(node ast.Node) place {
	if tk := node.GetToken(); tk != nil && tk.Position != nil {
		return place{b.file, tk.Position.Line}
	}
	return place{file: b.file}
}

func (b *yamlBuilder) value(node ast.Node) (value, error) {
	if err := b.count(node, 1); err != nil {
		return value{}, err
	}
	v := value{place: b.place(node)}
	switch node := node.(type) {
	case *ast.MappingNode:
		return b.mapping(node, node.Values)
	case *ast.MappingValueNode:
		return b.mapping(node, []*ast.MappingValueNode{node})
	case *ast.SequenceNode:
		items := []value{}
		for _, item := range node.Values {
			element, err := b.value(item)
			if err != nil {
				return v, err
			}
			items = append(items, element)
		}
		v.data = items
	case *ast.AnchorNode:
		anchored, err := b.value(node.Value)
		b.anchors[node.Name.GetToken().Value] = anchored
		return anchored, err
	case *ast.AliasNode:
		return b.alias(node)
	case *ast.TagNode:
		if node.Value == nil {
			return v, nil
		}
		tagged, err := b.value(node.Value)
		if s := tagged.source; node.Start.Value == "!!str" && s != "" {
			tagged.data, tagged.plain = s, false
		}
		return tagged, err
	case *ast.LiteralNode:
		v.data = node.Value.Value
	case *ast.StringNode:
		v.data, v.source, v.plain = node.Value, node.Token.Value, node.Token.Type == token.StringType
	case ast.ScalarNode:
		v.data, v.source = yamlScalar(node.GetValue()), node.GetToken().Value
	default:
		return v, fmt.Errorf("%s: gust cannot read a YAML %s here", v.place, strings.ToLower(node.Type().String()))
	}
	return v, nil
}

// mapping reads a mapping's keys, and those that << merges into it.
func (b *yamlBuilder) mapping(node ast.Node, values []*ast.MappingValueNode) (value, error) {
	v := value{place: b.place(node)}
	if len(values) > 0 {
		// The token of a mapping is the colon or the brace: the first key is more exact.
		v.place = b.place(values[0].Key)
	}
	entries, merged := []entry{}, []entry{}
	for _, pair := range values {
		item, err := b.value(pair.Value)
		if err != nil {
			return v, err
		}
		if pair.Key.IsMergeKey() {
			merged = append(merged, mergedEntries(item)...)
			continue
		}
		if item.data == nil {
			item.place = b.place(pair.Key)
		}
		entries = append(entries, entry{yamlKey(pair.Key), item})
	}
	v.data = overlay(entries, merged)
	return v, nil
}

// overlay appends the entries of under whose keys are not in entries.
func overlay(entries, under []entry) []entry {
	seen := map[string]bool{}
	for _, e := range entries {
		seen[e.key] = true
	}
	for _, e := range under {
		if !seen[e.key] {
			seen[e.key] = true
			entries = append(entries, e)
		}
	}
	return entries
}

// mergedEntries are those of the mapping, or the mappings, that << names.
func mergedEntries(v value) []entry {
	switch data := v.data.(type) {
	case []entry:
		return data
	case []value:
		var all []entry
		for _, item := range data {
			all = append(all, mergedEntries(item)...)
		}
		return all
	}
	return nil
}

func (b *yamlBuilder) alias(node *ast.AliasNode) (value, error) {
	name := node.Value.GetToken().Value
	v, ok := b.anchors[name]
	if !ok {
		return v, fmt.Errorf("%s: *%s is an alias of an unknown anchor", b.place(node), name)
	}
	return v, b.count(node, size(v))
}

// count adds n values to the size of the document.
func (b *yamlBuilder) count(node ast.Node, n int) error {
	if b.values += n; b.values > maxYAMLValues {
		return fmt.Errorf("%s: the file comes to more than %d values with its aliases", b.place(node), maxYAMLValues)
	}
	return nil
}

// size is the number of values in a value.
func size(v value) int {
	n := 1
	switch data := v.data.(type) {
	case []value:
		for _, item := range data {
			n += size(item)
		}
	case []entry:
		for _, e := range data {
			n += size(e.value)
		}
	}
	return n
}

// yamlKey is a key as a string, whatever type it has in YAML.
func yamlKey(key ast.MapKeyNode) string {
	switch key := key.(type) {
	case *ast.StringNode:
		return key.Value
	case *ast.MappingKeyNode:
		return key.Value.GetToken().Value
	}
	return key.GetToken().Value
}

// yamlScalar is a scalar's value in a configuration's types.
func yamlScalar(v any) any {
	switch v := v.(type) {
	case uint64:
		if v <= math.MaxInt64 {
			return int64(v)
		}
		return float64(v)
	case int:
		return int64(v)
	case nil, bool, int64, float64, string:
		return v
	}
	return fmt.Sprint(v)
}

// yamlErrorPlace is the place that a syntax error names.
func yamlErrorPlace(file place, err error) place {
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil && at.GetToken().Position != nil {
		file.line = at.GetToken().Position.Line
	}
	return file
}

// yamlErrorText is a syntax error's message, without the excerpt that the
// library draws below it.
func yamlErrorText(err error) string {
	var at yaml.Error
	if errors.As(err, &at) {
		return "invalid YAML: " + at.GetMessage()
	}
	return "invalid YAML: " + strconv.Quote(err.Error())
}
