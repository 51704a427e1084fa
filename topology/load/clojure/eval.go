package clojure

import (
	"maps"
	"slices"
	"strings"

	"gust/topology"
)

// eval evaluates a form.
func (p *Program) eval(f Form, s *scope) (Value, error) {
	leave, err := p.enter(f)
	defer leave()
	if err != nil {
		return Value{}, err
	}
	switch f.Kind {
	case Literal:
		return Value{f.Line, f.Value}, nil
	case String:
		return Value{f.Line, f.Text}, nil
	case Keyword:
		return Value{f.Line, Name(f.Text)}, nil
	case Symbol:
		return p.symbol(f, s)
	case Vector, Set:
		items, err := p.evalAll(f.Items, s)
		return Value{f.Line, items}, err
	case Map:
		return p.mapping(f, s)
	case List:
		if len(f.Items) == 0 {
			return Value{f.Line, []Value{}}, nil
		}
		return p.call(f, s)
	}
	return Value{}, unreadable(f, "not supported")
}

func (p *Program) evalAll(forms []Form, s *scope) ([]Value, error) {
	values := make([]Value, 0, len(forms))
	for _, f := range forms {
		v, err := p.eval(f, s)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// evalBody evaluates forms of which the last one counts.
func (p *Program) evalBody(forms []Form, s *scope) (last Value, err error) {
	for _, f := range forms {
		if last, err = p.eval(f, s); err != nil {
			return Value{}, err
		}
	}
	return last, nil
}

// mapping evaluates a map, whose keys must differ.
func (p *Program) mapping(f Form, s *scope) (Value, error) {
	entries := make(Entries, 0, len(f.Items)/2)
	for i := 0; i < len(f.Items); i += 2 {
		key, err := p.eval(f.Items[i], s)
		if err != nil {
			return Value{}, err
		}
		if _, twice := entries.get(key); twice {
			return Value{}, errorf(key.Line, "a map has the key %s twice", f.Items[i].Excerpt())
		}
		value, err := p.eval(f.Items[i+1], s)
		if err != nil {
			return Value{}, err
		}
		entries = append(entries, Entry{key, value})
	}
	return Value{f.Line, entries}, nil
}

// symbol looks a name up: a local one, one that the program defines, or a
// constant of Storm's such as TOPOLOGY-DEBUG, whose value is "topology.debug".
func (p *Program) symbol(f Form, s *scope) (Value, error) {
	known := p.Names()
	for ; s != nil; s = s.outer {
		if s.name == f.Text {
			return Value{f.Line, s.value.Data}, nil
		}
		known = append(slices.Clip(known), s.name)
	}
	_, name := unqualified(f.Text)
	switch {
	case p.definitions[f.Text] != nil:
		v, err := p.defined(f.Text)
		return Value{f.Line, v.Data}, err
	case strings.HasPrefix(name, "TOPOLOGY-") && name == strings.ToUpper(name):
		return Value{f.Line, strings.ToLower(strings.ReplaceAll(name, "-", "."))}, nil
	case p.builtin(f.Text) != nil || special[f.Text] != nil:
		return Value{}, errorf(f.Line, "%s cannot be used as a value: it is a function", f.Text)
	}
	return Value{}, errorf(f.Line, "unknown name %s%s", f.Text, topology.DidYouMean(f.Text, known))
}

// unqualified splits storm/shell-bolt-spec at its namespace.
func unqualified(name string) (namespace, rest string) {
	if before, after, ok := strings.Cut(name, "/"); ok && before != "" && after != "" {
		return before, after
	}
	return "", name
}

// builtin is the function of that name, with or without its namespace, or nil.
func (p *Program) builtin(name string) Builtin {
	_, plain := unqualified(name)
	for _, n := range []string{name, plain} {
		if b := p.builtins[n]; b != nil {
			return b
		}
		if b := core[n]; b != nil {
			return b
		}
	}
	return nil
}

// call evaluates a list that is not empty.
func (p *Program) call(f Form, s *scope) (Value, error) {
	head := f.Items[0]
	if head.Kind == Symbol && !p.isNamed(head.Text, s) {
		if evaluate := special[head.Text]; evaluate != nil {
			return evaluate(p, f, s)
		}
		if b := p.builtin(head.Text); b != nil {
			data, err := b(Call{f, p, s})
			return Value{f.Line, data}, err
		}
		return Value{}, p.notCallable(f)
	}
	called, err := p.eval(head, s)
	if err != nil {
		return Value{}, err
	}
	arguments, err := p.evalAll(f.Items[1:], s)
	if err != nil {
		return Value{}, err
	}
	switch data := called.Data.(type) {
	case *function:
		v, err := p.apply(data, arguments, f.Line)
		return Value{f.Line, v.Data}, err
	case Name: // (:key map default)
		if 1 <= len(arguments) && len(arguments) <= 2 {
			return lookUp(f, arguments[0], called, arguments[1:])
		}
	case Entries: // (map key default)
		if 1 <= len(arguments) && len(arguments) <= 2 {
			return lookUp(f, called, arguments[0], arguments[1:])
		}
	}
	return Value{}, unreadable(f, "%s cannot be called like this", head.Excerpt())
}

// isNamed reports whether the program defines that name.
func (p *Program) isNamed(name string, s *scope) bool {
	for ; s != nil; s = s.outer {
		if s.name == name {
			return true
		}
	}
	return p.definitions[name] != nil
}

// notCallable is the error for a call of an unknown function.
func (p *Program) notCallable(f Form) error {
	name := f.Items[0].Text
	namespace, _ := unqualified(name)
	switch {
	case strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || name == "new":
		return unreadable(f, "gust does not run Java")
	case namespace != "":
		return unreadable(f, "unknown function %s", name)
	}
	known := slices.Concat(p.Names(), slices.Collect(maps.Keys(p.builtins)))
	slices.Sort(known)
	return unreadable(f, "unknown function %s%s", name, topology.DidYouMean(name, known))
}

// special are the forms whose arguments are not all evaluated, or not at once.
var special map[string]func(p *Program, f Form, s *scope) (Value, error)

func init() { // not in the declaration: they evaluate forms, which may be special
	special = map[string]func(*Program, Form, *scope) (Value, error){
		"quote": func(_ *Program, f Form, _ *scope) (Value, error) {
			if len(f.Items) != 2 {
				return Value{}, unreadable(f, "quote takes one form")
			}
			return quoted(f.Items[1])
		},
		"comment": func(_ *Program, f Form, _ *scope) (Value, error) { return Value{Line: f.Line}, nil },
		"do":      func(p *Program, f Form, s *scope) (Value, error) { return p.evalBody(f.Items[1:], s) },
		"let":     (*Program).let,
		"if":      func(p *Program, f Form, s *scope) (Value, error) { return p.branch(f, s, true) },
		"if-not":  func(p *Program, f Form, s *scope) (Value, error) { return p.branch(f, s, false) },
		"when":    func(p *Program, f Form, s *scope) (Value, error) { return p.when(f, s, true) },
		"when-not": func(p *Program, f Form, s *scope) (Value, error) {
			return p.when(f, s, false)
		},
		"or":  func(p *Program, f Form, s *scope) (Value, error) { return p.until(f, s, true) },
		"and": func(p *Program, f Form, s *scope) (Value, error) { return p.until(f, s, false) },
		"fn": func(p *Program, f Form, s *scope) (Value, error) {
			items, name := f.Items[1:], "the function"
			if len(items) > 0 && items[0].Kind == Symbol {
				name, items = items[0].Text, items[1:]
			}
			made, err := newFunction(name, f.Line, items, s)
			return Value{f.Line, made}, err
		},
	}
}

// quoted is a form as data. A symbol in it is an error: nothing here accepts one.
func quoted(f Form) (Value, error) {
	switch f.Kind {
	case List, Vector, Set:
		items := make([]Value, 0, len(f.Items))
		for _, item := range f.Items {
			v, err := quoted(item)
			if err != nil {
				return Value{}, err
			}
			items = append(items, v)
		}
		return Value{f.Line, items}, nil
	case Literal, String, Keyword, Map:
		return (&Program{}).eval(f, nil)
	}
	return Value{}, unreadable(f, "quoted code is not supported")
}

// let is (let [name value ...] body...).
func (p *Program) let(f Form, s *scope) (Value, error) {
	if len(f.Items) < 2 || f.Items[1].Kind != Vector || len(f.Items[1].Items)%2 != 0 {
		return Value{}, unreadable(f, "let takes a vector of names and values")
	}
	bindings := f.Items[1].Items
	for i := 0; i < len(bindings); i += 2 {
		if bindings[i].Kind != Symbol {
			return Value{}, errorf(bindings[i].Line, "let binds %s: destructuring is not supported", bindings[i].Excerpt())
		}
		v, err := p.eval(bindings[i+1], s)
		if err != nil {
			return Value{}, err
		}
		s = &scope{bindings[i].Text, v, s}
	}
	return p.evalBody(f.Items[2:], s)
}

// branch is (if test then else), where the test must be want.
func (p *Program) branch(f Form, s *scope, want bool) (Value, error) {
	if len(f.Items) != 3 && len(f.Items) != 4 {
		return Value{}, unreadable(f, "%s takes a test and one or two forms", f.Items[0].Text)
	}
	test, err := p.eval(f.Items[1], s)
	switch {
	case err != nil:
		return Value{}, err
	case test.truth() == want:
		return p.eval(f.Items[2], s)
	case len(f.Items) == 4:
		return p.eval(f.Items[3], s)
	}
	return Value{Line: f.Line}, nil
}

// when is (when test body...), where the test must be want.
func (p *Program) when(f Form, s *scope, want bool) (Value, error) {
	if len(f.Items) < 2 {
		return Value{}, unreadable(f, "%s takes a test", f.Items[0].Text)
	}
	if test, err := p.eval(f.Items[1], s); err != nil || test.truth() != want {
		return Value{Line: f.Line}, err
	}
	return p.evalBody(f.Items[2:], s)
}

// until is `or`, the first value that is true, or `and`, the first one that is not; if
// there is none, the last.
func (p *Program) until(f Form, s *scope, want bool) (last Value, err error) {
	if len(f.Items) == 1 && !want {
		return Value{f.Line, true}, nil
	}
	last.Line = f.Line
	for _, item := range f.Items[1:] {
		if last, err = p.eval(item, s); err != nil || last.truth() == want {
			return last, err
		}
	}
	return last, nil
}
