package socket

import "golang.org/x/sys/unix"

// pair makes two Unix sockets that are connected with each other. Neither blocks.
func pair() ([2]int, error) {
	return unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
}

// limitUnsent limits what a TCP socket takes beyond what it can send now.
func limitUnsent(fd int) error {
	return unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsent)
}
