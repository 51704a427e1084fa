// Package runner makes unchanged streamparse components faster. Its Python program
// replaces streamparse_run: it imports a component in the same way, and replaces from
// outside how pystorm reads, writes and loops. pystorm does everything else.
//
// The Python files are embedded from python/. [Lay] writes them where a child's
// interpreter finds them, and [Files.Command] rewrites the command of a component.
// docs/runner.md says what the author of a component may rely on.
package runner
