// Package submit submits a topology to a Storm cluster. [Job.Run] has the steps: it loads
// and checks the topology, runs the project's hooks, makes the virtualenvs on the workers
// or packs what they need, converts the topology to Storm's form, submits it in place of
// the one with the same name, and watches it until it runs or shows an error.
package submit
