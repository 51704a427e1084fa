package rest

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"

	"gust/status/served"
)

// Search is what was found in a log: LogviewerLogSearchHandler.searchLogFile.
type Search struct {
	IsDaemon string `json:"isDaemon"` // "yes" or "no"
	LogMatches
}

// LogMatches are the places in a log at which a string was found: substringSearch.
type LogMatches struct {
	SearchString    string     `json:"searchString"`
	StartByteOffset int        `json:"startByteOffset"`
	Matches         []LogMatch `json:"matches"`
	NextByteOffset  *int       `json:"nextByteOffset,omitempty"` // from which to search on
}

// LogMatch is a place in a log: mkMatchData.
type LogMatch struct {
	ByteOffset   int    `json:"byteOffset"`
	BeforeString string `json:"beforeString"`
	MatchString  string `json:"matchString"`
	AfterString  string `json:"afterString"`
	LogviewerURL string `json:"logviewerURL"`
}

// DeepSearch is what was found in the logs of a worker: LogviewerLogSearchHandler.Matched.
type DeepSearch struct {
	FileOffset   int         `json:"fileOffset"` // of the log from which to search on
	SearchString string      `json:"searchString"`
	Matches      []FileMatch `json:"matches"`
}

// FileMatch is what was found in one of the logs.
type FileMatch struct {
	FileName string `json:"fileName"`
	Port     string `json:"port"`
	Search
}

// As in LogviewerLogSearchHandler.
const (
	longestSearch   = 1024 // bytes
	searchContext   = 128  // bytes around a match
	searchMatches   = 10
	deepMatches     = 1
	mostLogMatches  = 1000
	searchParameter = "search-string"
)

// search finds a string in a log.
func (a *api) search(r *http.Request) (any, error) {
	find, daemon := a.workerLog, "no"
	if r.URL.Query().Get("is-daemon") == "yes" {
		find, daemon = a.daemonLog, "yes"
	}
	log, err := a.findLog(r, find)
	if err != nil {
		return nil, err
	}
	matches, err := searchLog(log, daemon == "yes", searchMatches, r)
	return Search{daemon, matches}, err
}

// deepSearch finds a string in the logs of a topology, of which there is one. As on Storm, the
// answer is a list for all ports, and an element of such a list for one port.
func (a *api) deepSearch(r *http.Request) (any, error) {
	query := r.URL.Query()
	s, ok := served.Find(a.source, r.PathValue("id"))
	if !ok || query.Get(searchParameter) == "" {
		return []DeepSearch{}, nil
	}
	t, port := a.show(s), query.Get("port")
	every := port == "" || port == "*"
	if !every && port != strconv.Itoa(t.port) {
		return []DeepSearch{}, nil
	}
	log := a.logOf(s)
	matches, err := searchLog(log, false, deepMatches, r)
	if err != nil {
		return nil, err
	}
	found := DeepSearch{SearchString: matches.SearchString, Matches: []FileMatch{}}
	if len(matches.Matches) > 0 {
		found.Matches = append(found.Matches, FileMatch{log.name, strconv.Itoa(t.port), Search{"no", matches}})
	}
	if matches.NextByteOffset == nil {
		found.FileOffset = 1 // there is no other log
	}
	if every {
		return []DeepSearch{found}, nil
	}
	return found, nil
}

func searchLog(log logFile, daemon bool, most int, r *http.Request) (LogMatches, error) {
	found := LogMatches{SearchString: r.URL.Query().Get(searchParameter), Matches: []LogMatch{}}
	wanted := []byte(found.SearchString)
	if len(wanted) == 0 || len(wanted) > longestSearch {
		return found, failure(http.StatusBadRequest, "%s must have 1 to %d bytes", searchParameter, longestSearch)
	}
	var err error
	if found.StartByteOffset, err = offsetOf(r, "start-byte-offset", 0); err != nil {
		return found, err
	}
	if most, err = offsetOf(r, "num-matches", most); err != nil {
		return found, err
	}
	most = min(most, mostLogMatches)
	var whole bytes.Buffer
	_, _ = log.WriteTo(&whole) // a write to memory does not fail
	text := whole.Bytes()
	if found.StartByteOffset > len(text) {
		return found, failure(http.StatusBadRequest, "cannot search from byte %d on: the log has %d bytes", found.StartByteOffset, len(text))
	}
	for at := found.StartByteOffset; len(found.Matches) < most; {
		next := bytes.Index(text[at:], wanted)
		if next < 0 {
			return found, nil
		}
		begin := at + next
		at = begin + len(wanted)
		found.Matches = append(found.Matches, LogMatch{
			ByteOffset: begin, MatchString: found.SearchString,
			BeforeString: validText(text[max(0, begin-searchContext):begin]),
			AfterString:  validText(text[at:min(len(text), at+searchContext)]),
			LogviewerURL: matchLink(r, log, daemon, begin+len(wanted)/2),
		})
	}
	if n := len(found.Matches); n > 0 {
		if next := found.Matches[n-1].ByteOffset + len(wanted); next < len(text) {
			found.NextByteOffset = &next
		}
	}
	return found, nil
}

// matchLink is the address of a page of the log with a byte in its middle.
func matchLink(r *http.Request, log logFile, daemon bool, middle int) string {
	path := "log"
	if daemon {
		path = "daemonlog"
	}
	return address(r, path, url.Values{
		"file": {log.name}, "start": {strconv.Itoa(max(0, middle-pageSize/2))}, "length": {strconv.Itoa(pageSize)},
	})
}
