package worker

import "golang.org/x/sys/unix"

// unsentLow is how much data the kernel takes ahead of what the network does: what is to
// overtake tuples cannot overtake those that the kernel has.
const unsentLow = 128 << 10

func setUnsentLow(fd int) {
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsentLow) // it is only slower without
}
