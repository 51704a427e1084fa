package multilang

// Transcode appends a tuple, which is a raw list of values in the bytes of one
// codec, in the bytes of another. values has been checked, as a decoder's are;
// what is broken nevertheless is an error.
//
// Strings, integers, floats, bools, null, lists and maps stay what they are, and
// 1.0 stays a float; NaN and the infinities pass as well. From JSON to msgpack, an
// integer takes as few bytes as it needs, and half a surrogate pair becomes
// U+FFFD. From msgpack to JSON, a float32 becomes the shortest text that reads as
// it, invalid UTF-8 becomes U+FFFD, and a map's key that is a number, a bool or nil
// becomes the string that Python's json makes of it.
//
// An error is a [*ValueError]: an integer is beyond msgpack's 64 bits, or a value is bin or
// ext, which JSON cannot represent.
func Transcode(dst, values []byte, from, to Codec) ([]byte, error) {
	switch {
	case from == to:
		return append(dst, values...), nil
	case from == JSON:
		return appendMsgpackFromJSON(dst, values)
	default:
		return appendJSONFromMsgpack(dst, values)
	}
}
