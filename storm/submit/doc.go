// Package submit submits a topology to a Storm cluster: it converts it to Storm's own
// form, checks for what Nimbus would reject, submits it, and watches it until it runs or
// shows an error.
package submit
