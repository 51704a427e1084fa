// Package submit brings a topology to a Storm cluster. [Job.Run] is the story: it loads
// and checks the topology, runs the project's hooks, makes the virtualenvs on the
// workers or packs what they need, puts the topology into Storm's own form, submits it
// in the place of the one that has its name, and watches until it runs or shows what is
// wrong with it.
package submit
