// Package runner makes unchanged streamparse components faster. It has a
// Python program that stands in for streamparse_run: it imports a component as
// that does, and replaces how pystorm reads, writes and loops, from outside.
// What it does not know it leaves to pystorm.
//
// The Python files are in python/, embedded. [Lay] puts them where a child's
// interpreter finds them, and [Files.Command] rewrites the command of a
// component. docs/runner.md says what a component's author may rely on.
package runner
