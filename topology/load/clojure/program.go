package clojure

import (
	"fmt"
	"slices"
	"strings"
)

// Builtin is a function or a macro that a program may call. Its result becomes the Data
// of a [Value]. Its errors are [*Error].
type Builtin func(Call) (any, error)

// Call is a call of a [Builtin]: the list, whose first item names it.
type Call struct {
	Form
	program *Program
	scope   *scope
}

// Args are the call's arguments, not evaluated.
func (c Call) Args() []Form { return c.Items[1:] }

// Eval evaluates an argument.
func (c Call) Eval(f Form) (Value, error) { return c.program.eval(f, c.scope) }

// Values evaluates all arguments.
func (c Call) Values() ([]Value, error) { return c.program.evalAll(c.Args(), c.scope) }

// Errorf is an error about the call.
func (c Call) Errorf(format string, args ...any) error { return errorf(c.Line, format, args...) }

// Program is the definitions of a file. It evaluates one only when its value is needed.
type Program struct {
	builtins    map[string]Builtin
	definitions map[string]*definition
	names       []string // of the definitions, in order
	steps       int
	depth       int
}

// definition is a (def ...) or a (defn ...).
type definition struct {
	form       Form
	evaluating bool // to find a definition that refers to itself
}

// New collects the definitions among a file's forms. Other forms do not affect them: the
// namespace's imports, comments, output. builtins are the functions that the program may
// call besides clojure.core; they override those of core.
func New(forms []Form, builtins map[string]Builtin) *Program {
	p := &Program{builtins: builtins, definitions: map[string]*definition{}}
	for _, form := range forms {
		if !slices.Contains([]string{"def", "defn", "defn-", "defonce"}, form.head()) || len(form.Items) < 2 || form.Items[1].Kind != Symbol {
			continue
		}
		name := form.Items[1].Text
		p.definitions[name] = &definition{form: form}
		p.names = append(slices.DeleteFunc(p.names, func(n string) bool { return n == name }), name)
	}
	return p
}

// Names are the names that the program defines, in the order of the file.
func (p *Program) Names() []string { return p.names }

// Value is the program's value of name. It calls a function: with the argument, or
// without, if it has no parameter.
func (p *Program) Value(name string, argument Value) (Value, error) {
	value, err := p.defined(name)
	if err != nil {
		return Value{}, err
	}
	f, ok := value.Data.(*function)
	if !ok {
		return value, nil
	}
	arguments := []Value{argument}
	if f.arity(0) != nil && f.arity(1) == nil {
		arguments = nil
	}
	return p.apply(f, arguments, value.Line)
}

// defined evaluates a definition.
func (p *Program) defined(name string) (Value, error) {
	d := p.definitions[name]
	if d.evaluating {
		return Value{}, errorf(d.form.Line, "%s is defined by itself", name)
	}
	d.evaluating = true
	defer func() { d.evaluating = false }()

	items := d.form.Items[2:]
	if len(items) > 1 && items[0].Kind == String { // a docstring
		items = items[1:]
	}
	if strings.HasPrefix(d.form.head(), "defn") {
		if len(items) > 0 && items[0].Kind == Map { // metadata
			items = items[1:]
		}
		f, err := newFunction(name, d.form.Line, items, nil)
		return Value{d.form.Line, f}, err
	}
	if len(items) != 1 {
		return Value{}, errorf(d.form.Line, "%s must define one value: %s", name, d.form.Excerpt())
	}
	return p.eval(items[0], nil)
}

// scope is a local name and its value, and those around it.
type scope struct {
	name  string
	value Value
	outer *scope
}

// function is a function that the program defines.
type function struct {
	name    string
	arities []arity
	scope   *scope
}

// arity is one form of a function: (defn f ([a] ...) ([a b] ...)) has two.
type arity struct {
	params []string
	rest   string // the name after &, or ""
	body   []Form
}

// newFunction reads the parameters and the body of a function, or several of them in
// lists.
func newFunction(name string, line int, items []Form, s *scope) (*function, error) {
	f := &function{name: name, scope: s}
	if len(items) > 0 && items[0].Kind == Vector {
		items = []Form{{Kind: List, Line: line, Items: items}}
	}
	for _, item := range items {
		if item.Kind != List || len(item.Items) == 0 || item.Items[0].Kind != Vector {
			return nil, errorf(item.Line, "%s has misplaced parameters: (defn %[1]s [options] ...)", name)
		}
		a := arity{body: item.Items[1:]}
		params := item.Items[0].Items
		for i := 0; i < len(params); i++ {
			switch {
			case params[i].is("&") && i == len(params)-2 && params[i+1].Kind == Symbol:
				a.rest = params[i+1].Text
				i++
			case params[i].Kind == Symbol && params[i].Text != "&":
				a.params = append(a.params, params[i].Text)
			default:
				return nil, errorf(params[i].Line, "%s has the parameter %s: destructuring is not supported", name, params[i].Excerpt())
			}
		}
		f.arities = append(f.arities, a)
	}
	if len(f.arities) == 0 {
		return nil, errorf(line, "%s has no parameters: (defn %[1]s [options] ...)", name)
	}
	return f, nil
}

// arity is the form of the function with n arguments, or nil.
func (f *function) arity(n int) *arity {
	for i := range f.arities {
		if a := &f.arities[i]; len(a.params) == n || len(a.params) < n && a.rest != "" {
			return a
		}
	}
	return nil
}

// apply calls a function.
func (p *Program) apply(f *function, arguments []Value, line int) (Value, error) {
	a := f.arity(len(arguments))
	if a == nil {
		return Value{}, errorf(line, "%s is called with %d arguments, which it does not take", f.name, len(arguments))
	}
	s := f.scope
	for i, param := range a.params {
		s = &scope{param, arguments[i], s}
	}
	if a.rest != "" {
		s = &scope{a.rest, Value{line, arguments[len(a.params):]}, s}
	}
	return p.evalBody(a.body, s)
}

// Limits of an evaluation: a file may contain an endless loop.
const (
	maxSteps = 1 << 20
	maxCalls = 200
)

// enter counts a step of the evaluation. The caller calls leave at its end.
func (p *Program) enter(f Form) (leave func(), err error) {
	p.steps++
	p.depth++
	leave = func() { p.depth-- }
	if p.steps > maxSteps || p.depth > maxCalls {
		return leave, errorf(f.Line, "evaluation does not end: does %s call itself?", f.Excerpt())
	}
	return leave, nil
}

// unreadable is the error for a form whose value only a Clojure compiler knows.
func unreadable(f Form, why string, args ...any) error {
	return &Error{Line: f.Line, Text: f.Excerpt() + ": " + fmt.Sprintf(why, args...), Code: true}
}
