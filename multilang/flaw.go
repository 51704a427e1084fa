package multilang

// Flaw is something about a value of a tuple that breaks programs that read it,
// although the message around it is sound. The decoder finds flaws while it looks
// for the value's end; the host fails the tuple at its emitter, because the
// program that would die of the value has done nothing wrong.
//
// What programs read was tried: Python's json, simplejson and msgpack, JavaScript
// and Ruby.
type Flaw uint8

// The flaws. The first three break every reader.
const (
	// BadText is a str of msgpack that is not UTF-8. (In JSON the decoder
	// replaces such bytes, since they may be of another encoding.)
	BadString Flaw = iota
	// TooDeep is a value with more than [MaxDepth] lists and maps in one another.
	TooDeep
	// BadExt is a msgpack ext of a type that the format reserves, or a timestamp
	// that is invalid.
	BadExt
	// NaN is NaN, Infinity or -Infinity. JSON has none of them: Python's json
	// writes and reads them, other parsers do not.
	NaN
	// LongInteger is an integer of more than 4300 digits in JSON. Python does not
	// read it, to be safe from input that takes it minutes.
	LongInteger
	// OddKey is a map of msgpack with a key that is neither str nor bin.
	// Python's Unpacker does not take it (strict_map_key).
	OddKey

	flawKinds
)

var flawTexts = [flawKinds]string{
	BadString:   "a string that is not valid UTF-8",
	TooDeep:     "lists and maps nested more than 512 deep",
	BadExt:      "a msgpack ext of a reserved type, or an invalid timestamp",
	NaN:         "NaN or an infinity, which JSON does not have",
	LongInteger: "an integer of more than 4300 digits, which Python does not read",
	OddKey:      "a map with a key that is not a string, which Python's msgpack does not read",
}

// String says what is wrong with the value.
func (f Flaw) String() string { return flawTexts[f] }

// Flaws are those of a tuple: of each kind, the index of the first value that has it.
type Flaws struct {
	kinds uint8            // a bit for each that there is: nearly all tuples have none
	first [flawKinds]int32 // valid for these
}

// None is true for a tuple without flaws, as nearly all are.
func (f *Flaws) None() bool { return f.kinds == 0 }

// First is the first flaw that is refused, and the index of its value.
func (f *Flaws) First(refused Refusals) (flaw Flaw, index int, ok bool) {
	for flaw, place := range f.first {
		if f.kinds&(1<<flaw) != 0 && refused[flaw] {
			return Flaw(flaw), int(place), true
		}
	}
	return 0, 0, false
}

// Refusals are the flaws that a reader cannot take.
type Refusals [flawKinds]bool

// Unreadable are the flaws that no reader can take.
var Unreadable = Refusals{BadString: true, TooDeep: true, BadExt: true}

// MaxDepth is how many lists and maps may be in one another in a value, in both
// codecs. Python's json reads some 990 with a recursion limit of 1000, less the
// frames of the program that calls it; its msgpack reads 1024, and packs 511. So
// half of it is what every Python program reads. A child's message that nests
// deeper is read nevertheless: only its tuple is flawed.
const MaxDepth = 512

// maxDigits is sys.int_info.default_max_str_digits of Python.
const maxDigits = 4300

// flawFinder notes the flaws of a tuple while its values are walked through.
type flawFinder struct {
	flaws Flaws
	index int32 // of the tuple's value
}

func (f *flawFinder) note(flaw Flaw) {
	if f.flaws.kinds&(1<<flaw) == 0 {
		f.flaws.kinds |= 1 << flaw
		f.flaws.first[flaw] = f.index
	}
}
