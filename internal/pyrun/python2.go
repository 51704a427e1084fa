package pyrun

import (
	"regexp"
	"strings"
)

// python2 matches the line of a traceback that code for Python 2 leaves in Python 3.
var python2 = regexp.MustCompile(strings.Join([]string{
	`SyntaxError: Missing parentheses in call to '(?:print|exec)'`,
	`SyntaxError: (?:multiple exception types must be parenthesized|leading zeros in decimal integer literals)`,
	`TabError: inconsistent use of tabs and spaces`,
	`NameError: (?:global )?name '(?:basestring|unicode|unichr|long|xrange|raw_input|reduce|file)' is not defined`,
	`AttributeError: '\w+' object has no attribute '(?:iteritems|iterkeys|itervalues|has_key)'`,
	`ImportError: cannot import name '(?:izip|imap|ifilter|izip_longest|ifilterfalse)' from 'itertools'`,
	`(?:ModuleNotFoundError|ImportError): No module named '(?:` +
		`__builtin__|ConfigParser|Cookie|HTMLParser|Queue|SocketServer|StringIO|cPickle|cStringIO|commands|cookielib|` +
		`httplib|md5|sets|sha|thread|urllib2|urlparse|xmlrpclib)'`,
}, "|"))

// Python2Hint is the remedy for an exception of code for Python 2 in Python 3, by a line
// of its traceback or the whole. It is empty for any other exception.
func Python2Hint(traceback string) string {
	if !python2.MatchString(traceback) {
		return ""
	}
	return "the code is for Python 2: convert it to Python 3, or run it with a Python 2.7 that has its packages"
}
