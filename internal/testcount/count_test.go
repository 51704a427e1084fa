package main

import (
	"strings"
	"testing"
)

func TestCount(t *testing.T) {
	for _, c := range []struct {
		name, events, want string
	}{{
		name: "a test with subtests is counted by its subtests",
		events: `
{"Action":"start","Package":"gust/conf"}
{"Action":"run","Package":"gust/conf","Test":"TestA"}
{"Action":"run","Package":"gust/conf","Test":"TestA/one"}
{"Action":"output","Package":"gust/conf","Test":"TestA/one","Output":"    a_test.go:3: chatter\n"}
{"Action":"pass","Package":"gust/conf","Test":"TestA/one"}
{"Action":"run","Package":"gust/conf","Test":"TestA/two/deep"}
{"Action":"pass","Package":"gust/conf","Test":"TestA/two/deep"}
{"Action":"pass","Package":"gust/conf","Test":"TestA"}
{"Action":"run","Package":"gust/conf","Test":"TestB"}
{"Action":"pass","Package":"gust/conf","Test":"TestB"}
{"Action":"pass","Package":"gust/conf","Elapsed":0.25}`,
		want: `
ok   gust/conf                       3 passed  0.2 s
3 passed, 0 failed, 0 skipped`,
	}, {
		name: "the slowest tests come at the end, those with subtests by these",
		events: `
{"Action":"run","Package":"gust/conf","Test":"TestA"}
{"Action":"run","Package":"gust/conf","Test":"TestA/one"}
{"Action":"pass","Package":"gust/conf","Test":"TestA/one","Elapsed":2}
{"Action":"pass","Package":"gust/conf","Test":"TestA","Elapsed":2}
{"Action":"run","Package":"gust/conf","Test":"TestB"}
{"Action":"pass","Package":"gust/conf","Test":"TestB","Elapsed":0.9}
{"Action":"pass","Package":"gust/conf","Elapsed":3}
{"Action":"run","Package":"gust/worker","Test":"TestSim"}
{"Action":"pass","Package":"gust/worker","Test":"TestSim","Elapsed":20.04}
{"Action":"pass","Package":"gust/worker","Elapsed":21}`,
		want: `
ok   gust/conf                       2 passed  3.0 s
ok   gust/worker                     1 passed  21.0 s
slow gust/worker                    20.0 s  TestSim
slow gust/conf                       2.0 s  TestA/one
3 passed, 0 failed, 0 skipped`,
	}, {
		name: "a failing subtest is one failure, with its output",
		events: `
{"Action":"run","Package":"gust/conf","Test":"TestA"}
{"Action":"run","Package":"gust/conf","Test":"TestA/one"}
{"Action":"output","Package":"gust/conf","Test":"TestA/one","Output":"=== RUN   TestA/one\n"}
{"Action":"output","Package":"gust/conf","Test":"TestA/one","Output":"    a_test.go:3: got 1\n"}
{"Action":"output","Package":"gust/conf","Test":"TestA/one","Output":"--- want\n"}
{"Action":"output","Package":"gust/conf","Test":"TestA/one","Output":"    --- FAIL: TestA/one (0.00s)\n"}
{"Action":"fail","Package":"gust/conf","Test":"TestA/one"}
{"Action":"fail","Package":"gust/conf","Test":"TestA"}
{"Action":"output","Package":"gust/conf","Output":"FAIL\n"}
{"Action":"fail","Package":"gust/conf","Elapsed":1}`,
		want: `
FAIL gust/conf                       0 passed, 1 failed  1.0 s
     failed TestA/one
           a_test.go:3: got 1
       --- want
0 passed, 1 failed, 0 skipped`,
	}, {
		name: "a test that never ended is the failure of its package",
		events: `
{"Action":"run","Package":"gust/conf","Test":"TestA"}
{"Action":"output","Package":"gust/conf","Test":"TestA","Output":"panic: test timed out\n"}
{"Action":"fail","Package":"gust/conf","Elapsed":1}`,
		want: `
FAIL gust/conf                       0 passed, 1 failed  1.0 s
     failed TestA
       panic: test timed out
0 passed, 1 failed, 0 skipped`,
	}, {
		name: "a package that does not build is one failure",
		events: `
{"ImportPath":"gust/conf [gust/conf.test]","Action":"build-output","Output":"conf/a.go:1: syntax error\n"}
{"ImportPath":"gust/conf [gust/conf.test]","Action":"build-fail"}
{"Action":"output","Package":"gust/conf","Output":"FAIL gust/conf [build failed]\n"}
{"Action":"fail","Package":"gust/conf","Elapsed":0,"FailedBuild":"gust/conf [gust/conf.test]"}`,
		want: `
FAIL gust/conf                       0 passed, 1 failed  0.0 s
     does not build
       conf/a.go:1: syntax error
     failed outside its tests
       FAIL gust/conf [build failed]
0 passed, 1 failed, 0 skipped`,
	}, {
		name: "a skipped test says why; a package without tests says nothing; what is no event is passed on",
		events: `
go: a word from the go command
{"Action":"skip","Package":"gust/empty","Elapsed":0}
{"Action":"run","Package":"gust/conf","Test":"TestA"}
{"Action":"output","Package":"gust/conf","Test":"TestA","Output":"    a_test.go:3: no ruby\n"}
{"Action":"skip","Package":"gust/conf","Test":"TestA"}
{"Action":"pass","Package":"gust/conf","Elapsed":0}`,
		want: `
go: a word from the go command
ok   gust/conf                       0 passed, 1 skipped  0.0 s
     skipped TestA
           a_test.go:3: no ruby
0 passed, 0 failed, 1 skipped`,
	}} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			count := newCount(&out)
			if err := count.read(strings.NewReader(strings.TrimPrefix(c.events, "\n"))); err != nil {
				t.Fatal(err)
			}
			count.printSlowest()
			if got, want := out.String()+count.String(), strings.TrimPrefix(c.want, "\n"); got != want {
				t.Errorf("printed:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}
