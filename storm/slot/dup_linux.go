package slot

import "golang.org/x/sys/unix"

// dup makes a descriptor refer to another file.
func dup(from, to int) error { return unix.Dup3(from, to, 0) }
