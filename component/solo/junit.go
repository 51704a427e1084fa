package solo

import (
	"encoding/xml"
	"fmt"
	"time"

	"gust/internal/terminal"
	"gust/shell"
)

// junitSuite is a test report in the form that JUnit's ant task made common.
type junitSuite struct {
	XMLName  xml.Name  `xml:"testsuite"`
	Name     string    `xml:"name,attr"`
	Tests    int       `xml:"tests,attr"`
	Failures int       `xml:"failures,attr"`
	Errors   int       `xml:"errors,attr"`
	Time     string    `xml:"time,attr"`
	Case     junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitProblem `xml:"failure"`
	Error   *junitProblem `xml:"error"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",cdata"`
}

// JUnit reports one trial: a failure if the output differs from the expected output, an
// error if the trial could not be completed.
func JUnit(component string, took time.Duration, verdict error, difference string) ([]byte, error) {
	seconds := fmt.Sprintf("%.3f", took.Seconds())
	suite := junitSuite{
		Name: "gust try", Tests: 1, Time: seconds,
		Case: junitCase{Class: "gust.try", Name: component, Time: seconds},
	}
	switch {
	case difference != "":
		suite.Failures = 1
		suite.Case.Failure = &junitProblem{verdict.Error(), terminal.Visible(difference)}
	case verdict != nil:
		suite.Errors = 1
		suite.Case.Error = &junitProblem{shell.Headline(verdict.Error()), terminal.Visible(verdict.Error())}
	}
	text, err := xml.MarshalIndent(suite, "", "  ")
	if err != nil {
		return nil, err
	}
	return append([]byte(xml.Header), append(text, '\n')...), nil
}
