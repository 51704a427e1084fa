// Package multilang is Storm's multilang protocol as messages and bytes: what a host
// says to a child, what a child says to its host, and the two codecs, JSON and msgpack.
// It has no processes, no goroutines and no clock.
//
// # Where to begin
//
//   - codec.go, encoder.go and decoder.go are what a codec does; message.go is a message
//     from a child, envelope.go and key.go how its fields are read; handshake.go and
//     context.go are the first message to a child; pack.go puts many messages into one.
//   - json.go writes JSON. To read it, jsonframe.go finds the frames, jsondecode.go the
//     messages in them, jsonscan.go checks the values.
//   - msgpack.go writes msgpack, msgpackdecode.go reads the messages, msgpackscan.go the
//     values.
//   - hash.go hashes values for the fields grouping, transcode.go changes their codec,
//     flaw.go lists what is wrong with values that break the programs that read them.
package multilang
