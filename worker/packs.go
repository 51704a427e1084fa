package worker

import "gust/multilang"

// offersPacks says whether the process is offered packs. One that is recorded is
// not: a recording holds the plain protocol, which everybody can read and replay.
func (t *task) offersPacks() bool { return t.comp.set.packs && t.tap == nil }

// takePacks speaks in packs from here on. What waits already is plain, and stays so.
func (t *task) takePacks() {
	t.dec.TakePacks()
	t.packer = multilang.NewPacker(t.comp.codec)
	t.enc = t.packer
}

// endPack makes what waits fit to be written.
func (t *task) endPack() {
	if t.packer != nil {
		t.out.Buf = t.packer.End(t.out.Buf)
	}
}
