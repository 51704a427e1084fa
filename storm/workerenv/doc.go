// Package workerenv makes and updates the virtualenvs in which the workers of a cluster
// run streamparse's components, through SSH.
package workerenv
