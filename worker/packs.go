package worker

import "gust/multilang"

// offersPacks says whether gust offers packs to the process. It does not if the process
// is recorded, so that a recording has the plain protocol, which is easy to read and
// can be replayed.
func (t *task) offersPacks() bool { return t.comp.set.packs && t.tap == nil }

// takePacks uses packs from here on. What is already in the outbox stays plain.
func (t *task) takePacks() {
	t.dec.TakePacks()
	t.enc = multilang.NewPacker(t.comp.codec)
}

// endPack ends an open pack, so that the outbox can be written.
func (t *task) endPack() {
	if packer, ok := t.enc.(*multilang.Packer); ok {
		t.out.Buf = packer.End(t.out.Buf)
	}
}
