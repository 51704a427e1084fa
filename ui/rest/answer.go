package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Failure is the answer to a request that failed: UIHelpers.exceptionToJson.
type Failure struct {
	Error        string `json:"error"` // such as "404 Not Found"
	ErrorMessage string `json:"errorMessage"`
}

// failed is an error with its HTTP status.
type failed struct {
	code int
	text string
}

func (f *failed) Error() string { return f.text }

func failure(code int, format string, args ...any) error {
	return &failed{code, fmt.Sprintf(format, args...)}
}

// callbackName matches the name of a function. Any other callback would be a script that
// this address serves on behalf of the client.
var callbackName = regexp.MustCompile(`^[A-Za-z_$][\w$.]{0,127}$`)

// answering answers with JSON, or with JSONP if the request names a callback.
func answering(answer func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		callback := r.URL.Query().Get("callback")
		if callback != "" && !callbackName.MatchString(callback) {
			fail(w, "", failure(http.StatusBadRequest, "callback=%q is not the name of a function", callback))
			return
		}
		result, err := answer(r)
		if err != nil {
			fail(w, callback, err)
			return
		}
		write(w, callback, http.StatusOK, result)
	}
}

// failureOf is the HTTP status of an error, and the answer.
func failureOf(err error) (int, any) {
	code := http.StatusInternalServerError
	if known, ok := errors.AsType[*failed](err); ok {
		code = known.code
	}
	return code, Failure{fmt.Sprintf("%d %s", code, http.StatusText(code)), err.Error()}
}

// fail answers with an error.
func fail(w http.ResponseWriter, callback string, err error) {
	code, result := failureOf(err)
	write(w, callback, code, result)
}

// write sends an answer. It has Storm's headers except those that let pages of any site read it.
func write(w http.ResponseWriter, callback string, code int, result any) {
	var body bytes.Buffer
	kind := "application/json;charset=utf-8"
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(callback != "")
	if callback != "" {
		kind = "application/javascript;charset=utf-8"
		body.WriteString(callback + "(")
	}
	if err := encoder.Encode(result); err != nil { // a conf may have values that JSON cannot represent
		code, result = failureOf(failure(http.StatusInternalServerError, "cannot write the answer as JSON: %v", err))
		_ = encoder.Encode(result)
	}
	if callback != "" {
		body.Truncate(body.Len() - 1) // the line feed
		body.WriteString(");")
	}
	header := w.Header()
	header.Set("Content-Type", kind)
	header.Set("Cache-Control", "no-cache, no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	_, _ = w.Write(body.Bytes()) // the client is gone
}

// double is a number that has a fraction even if it is whole, as Java writes a double.
type double float64

// MarshalJSON writes the number.
func (d double) MarshalJSON() ([]byte, error) {
	text := strconv.FormatFloat(float64(d), 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return []byte(text), nil
}

// decimal is a latency in milliseconds or a capacity as Storm writes it: StatsUtil.floatStr.
func decimal(n float64) string { return strconv.FormatFloat(n, 'f', 3, 64) }

// yes is whether a flag of the query is set: 1, or a word for true.
func yes(r *http.Request, name string) bool {
	on, _ := strconv.ParseBool(r.URL.Query().Get(name))
	return on
}
