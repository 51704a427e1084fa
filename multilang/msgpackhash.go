package multilang

func hashMsgpackFields(values []byte, fields []int) (uint64, error) {
	size, first := msgpackListAt(values, 0)
	if size < 0 {
		return 0, &ValueError{Reason: reasonNoList}
	}
	sum := hashSeed
	at, i := 0, first // a value's index, and where it begins
	for _, field := range fields {
		if field < 0 || field >= size {
			return 0, &ValueError{Index: field, Reason: reasonNoValue}
		}
		if field < at {
			at, i = 0, first
		}
		for ; at < field && i >= 0; at++ {
			i = msgpackEnd(values, i)
		}
		v, end := hashMsgpack(values, i, 1)
		if end < 0 {
			return 0, &ValueError{Index: field, Reason: reasonUnhashable}
		}
		sum = sum.add(v)
		at, i = at+1, end
	}
	return uint64(sum.finish()), nil
}

// hashMsgpack hashes the value at b[i], which is depth containers deep, and
// returns the index after it, or -1 if it is broken.
func hashMsgpack(b []byte, i, depth int) (sum hash, end int) {
	v, next := readMsgpack(b, i)
	switch v.kind {
	case msgpackNil:
		return hashNull, next
	case msgpackBool:
		return hashFalse + hash(v.bits), next
	case msgpackInt:
		return hashInteger(reduce(v.magnitude()), v.negative), next
	case msgpackFloat32, msgpackFloat64:
		return hashFloat(v.float()), next
	case msgpackString:
		return hashString.bytes(v.data), next
	case msgpackBin:
		return hashBin.bytes(v.data), next
	case msgpackExt:
		return hashExt.bytes(v.data), next
	}
	if v.kind == msgpackBroken || depth > MaxDepth {
		return 0, -1
	}
	if v.kind == msgpackList {
		return hashMsgpackList(b, next, v.size, depth+1)
	}
	return hashMsgpackMap(b, next, v.size, depth+1)
}

func hashMsgpackList(b []byte, i, size, depth int) (sum hash, end int) {
	sum = hashList
	for range size {
		var v hash
		if v, i = hashMsgpack(b, i, depth); i < 0 {
			return 0, -1
		}
		sum = sum.add(v)
	}
	return sum, i
}

func hashMsgpackMap(b []byte, i, size, depth int) (sum hash, end int) {
	var pairs hash
	for range size {
		var key, v hash
		if key, i = hashMsgpack(b, i, depth); i < 0 {
			return 0, -1
		}
		if v, i = hashMsgpack(b, i, depth); i < 0 {
			return 0, -1
		}
		pairs += pair(key, v)
	}
	return mapHash(size, pairs), i
}
