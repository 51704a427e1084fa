package load

import "gust/topology"

// describedObject is a Java object in the answer of describe.py.
type describedObject struct {
	Class      string              `json:"class"`
	Args       []describedArgument `json:"args"`
	Serialized []byte              `json:"serialized"`
}

// describedArgument is one of Storm's JavaObjectArgs: one of its members is set.
type describedArgument struct {
	Int    *int32   `json:"int_arg"`
	Long   *int64   `json:"long_arg"`
	String *string  `json:"string_arg"`
	Bool   *bool    `json:"bool_arg"`
	Double *float64 `json:"double_arg"`
	Binary []byte   `json:"binary_arg"`
}

// object is nil for nil.
func (d *describedObject) object() *topology.JavaObject {
	if d == nil {
		return nil
	}
	o := &topology.JavaObject{Class: d.Class, Serialized: d.Serialized}
	for _, arg := range d.Args {
		o.Args = append(o.Args, arg.value())
	}
	return o
}

func (a describedArgument) value() any {
	switch {
	case a.Int != nil:
		return *a.Int
	case a.Long != nil:
		return *a.Long
	case a.String != nil:
		return *a.String
	case a.Bool != nil:
		return *a.Bool
	case a.Double != nil:
		return *a.Double
	}
	return a.Binary
}
