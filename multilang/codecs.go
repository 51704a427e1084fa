package multilang

// Codecs are the codecs that a child may speak.
var Codecs = [...]Codec{JSON, Msgpack}

// CodecNamed returns the codec with the name that streamparse's config.json and
// pystorm's -s use, "json" or "msgpack". It is false if there is none.
func CodecNamed(name string) (Codec, bool) {
	for _, c := range Codecs {
		if c.Name() == name {
			return c, true
		}
	}
	return nil, false
}
