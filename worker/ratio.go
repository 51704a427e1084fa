package worker

// ratio is the quotient of two growing counts, over about the last ratioSpan of the
// divisor.
type ratio struct {
	num, den         float64
	lastNum, lastDen uint64
}

const ratioSpan = 256

// update takes the new values of the two counts.
func (r *ratio) update(num, den uint64) {
	r.num += float64(num - r.lastNum)
	r.den += float64(den - r.lastDen)
	r.lastNum, r.lastDen = num, den
	for r.den > 2*ratioSpan {
		r.num, r.den = r.num/2, r.den/2
	}
}

func (r *ratio) value() float64 { return r.num / r.den }
