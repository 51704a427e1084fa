package api

import (
	"net/http"
	"strconv"

	"gust/status"
	"gust/status/served"
)

// traces lists traced trees without their hops, of which there may be a thousand each.
func traces(t served.Served, r *http.Request) (any, error) {
	q := queryOf(r)
	filter := status.TraceFilter{
		Spout: q.values.Get("spout"), Failed: q.bool("failed"), Slower: q.decimal("slower_ms"),
		Before: q.number("before"), After: q.number("after"), Limit: q.limit(100, 1000),
	}
	if q.err != nil {
		return nil, q.err
	}
	list := []status.Trace{}
	for _, one := range t.Traces(filter) {
		brief := *one
		brief.Hops = nil
		list = append(list, brief)
	}
	return list, nil
}

func trace(t served.Served, r *http.Request) (any, error) {
	number, err := strconv.ParseUint(r.PathValue("number"), 10, 64)
	if err == nil {
		if one := t.Trace(number); one != nil {
			return one, nil
		}
	}
	return nil, notFound("topology %q has no trace %s, or no longer", t.Topology().Name, r.PathValue("number"))
}
