// Package requirements finds a project's files of requirements, and reads them as pip
// does.
package requirements
