package multilang

// CodecNamed is the codec with the name that streamparse's config.json and
// pystorm's -s use: "json" or "msgpack". It is false where there is none.
func CodecNamed(name string) (Codec, bool) {
	for _, c := range [...]Codec{JSON, Msgpack} {
		if c.Name() == name {
			return c, true
		}
	}
	return nil, false
}
