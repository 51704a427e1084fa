// Package jar makes the archive that Storm runs a project from. It is a zip:
// what is below resources/ becomes the working directory of the components on
// the workers, and classes, if there are any, are on the classpath.
//
// The same files give the same bytes, whenever and by whom they are packed.
package jar
