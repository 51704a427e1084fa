package multilang

import (
	"math"
	"math/bits"
)

// HashFields hashes the values at the indices fields, in that order, of a tuple
// in c's bytes: the fields grouping sends a tuple to the task that the hash names.
// What follows the last of them is not read.
//
// It hashes what values mean and not how they are written. The same string with
// other escapes, the same number in another width or notation (1, 1.0, 1e0 and
// every msgpack format of it, as in Python 1 == 1.0), a map in another order, and
// the same value in JSON and in msgpack have the same hash. Integers of any length
// count exactly; -0.0 is 0, and all NaN are one. A bool is not a number, bytes are not a
// string. A map that has a key twice is not the map that has it once.
//
// The hash never changes: not from run to run, not between machines, not between
// versions. Tasks on two hosts of different versions must agree about it, and
// state that a bolt has saved under its task must be found again. TestHashVectors
// holds it: FNV-1a over the bytes of strings, residues modulo 2^61-1 of numbers, and
// Murmur3's finalizer at the end.
//
// An error is a [*ValueError]: the tuple has no value at an index, or the value is broken.
func HashFields(values []byte, c Codec, fields []int) (uint64, error) {
	if c == JSON {
		return hashJSONFields(values, fields)
	}
	return hashMsgpackFields(values, fields)
}

// hash is the hash of a value, or of what has been read of one.
type hash uint64

// What a value is goes into its hash first, so that "1" is not 1.
const (
	hashSeed hash = 0xcbf29ce484222325 // FNV's offset basis

	hashNull     = hashSeed + 1
	hashFalse    = hashSeed + 2
	hashTrue     = hashSeed + 3
	hashNumber   = hashSeed + 4
	hashNaN      = hashSeed + 5
	hashInf      = hashSeed + 6
	hashMinusInf = hashSeed + 7
	hashString   = hashSeed + 8
	hashBin      = hashSeed + 9
	hashExt      = hashSeed + 10
	hashList     = hashSeed + 11
	hashMap      = hashSeed + 12
)

// bytes adds bytes as FNV-1a does.
func (h hash) bytes(b []byte) hash {
	const prime = 0x100000001b3
	for _, c := range b {
		h = (h ^ hash(c)) * prime
	}
	return h
}

// add adds a value's hash. The order of additions matters.
func (h hash) add(v hash) hash {
	h = (h ^ v) * 0x9e3779b97f4a7c15
	return h ^ h>>32
}

// pair is the hash of a map's pair.
func pair(key, value hash) hash { return key.add(value).finish() }

// mapHash is the hash of a map whose pairs have been added up: a sum knows no order.
func mapHash(size int, pairs hash) hash { return hashMap.add(hash(size)).add(pairs) }

// Why a value has no hash.
const (
	reasonNoList     = "a tuple must be a list"
	reasonNoValue    = "the tuple has no such value"
	reasonUnhashable = "a value that is broken, or nested too deep"
)

// finish spreads what came in over all bits (Murmur3's finalizer), as a host takes
// the hash modulo the number of tasks.
func (h hash) finish() hash {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// A number is hashed by its residue modulo the Mersenne prime 2^61-1, which is
// what Python's hash does: it is the same for an integer of any length and for the
// float that equals it, and needs no more than a register.
const (
	mersenneBits = 61
	mersenne     = 1<<mersenneBits - 1
)

// reduce is x modulo 2^61-1.
func reduce(x uint64) uint64 {
	x = x&mersenne + x>>mersenneBits
	if x >= mersenne {
		x -= mersenne
	}
	return x
}

// mulmod is a*b modulo 2^61-1, for a below it.
func mulmod(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return reduce(reduce(high<<(64-mersenneBits)) + reduce(low))
}

// hashInteger hashes an integer by its residue.
func hashInteger(residue uint64, negative bool) hash {
	if negative && residue > 0 {
		residue = mersenne - residue
	}
	return hashNumber.add(hash(residue))
}

// hashDigits hashes an integer of any length in decimal.
func hashDigits(digits []byte, negative bool) hash {
	const most = 18 // digits that are less than 2^61
	var residue uint64
	for len(digits) > most {
		part, _ := parseDigits(digits[:most])
		residue = reduce(mulmod(residue, 1e18) + part)
		digits = digits[most:]
	}
	scale := uint64(1)
	for range digits {
		scale *= 10
	}
	part, _ := parseDigits(digits)
	return hashInteger(reduce(mulmod(residue, scale)+part), negative)
}

// hashFloat hashes a float: mantissa times a power of two, and to multiply by two
// is to rotate the residue's 61 bits.
func hashFloat(f float64) hash {
	switch {
	case math.IsNaN(f):
		return hashNaN
	case math.IsInf(f, 1):
		return hashInf
	case math.IsInf(f, -1):
		return hashMinusInf
	}
	fraction, exponent := math.Frexp(math.Abs(f))
	mantissa := uint64(fraction * (1 << 53))
	turn := (exponent - 53) % mersenneBits
	if turn < 0 {
		turn += mersenneBits
	}
	residue := mantissa<<turn&mersenne | mantissa>>(mersenneBits-turn)
	return hashInteger(reduce(residue), f < 0)
}
