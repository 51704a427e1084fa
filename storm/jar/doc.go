// Package jar makes the archive from which Storm runs a project. It is a zip: resources/
// becomes the working directory of the components on the workers, and classes, if there
// are any, are on the classpath.
//
// The same files make the same bytes, at any time and by any user.
package jar
