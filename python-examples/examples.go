// Package examples has the files of the examples that are also part of the projects
// that `gust quickstart` makes.
package examples

import "embed"

// Files are a complete word count in Python, and the protocol in three languages. A name
// begins with the example's folder.
//
//go:embed wordcount/config.json wordcount/virtualenvs/wordcount.txt
//go:embed wordcount/topologies/wordcount.py
//go:embed wordcount/src/spouts/__init__.py wordcount/src/spouts/words.py
//go:embed wordcount/src/bolts/__init__.py wordcount/src/bolts/wordcount.py
//go:embed flux/resources/storm.py node/resources/storm.js ruby/resources/storm.rb
var Files embed.FS
