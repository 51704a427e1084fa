// Package submit brings a topology to a Storm cluster: it puts it into Storm's
// own form, checks what Nimbus would stumble over, submits it, and watches until
// it runs or shows what is wrong with it.
package submit
