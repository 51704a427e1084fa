package submit

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"gust/storm/generated"
)

// keep saves a copy of the old topology, to restore it from. If that fails, for example
// because Storm is too old or the user may not read the jar, the submission continues
// without a copy.
func (s *submission) keep(ctx context.Context, old *generated.TopologySummary) string {
	dir, err := os.UserCacheDir()
	if err != nil || filepath.Base(old.ID) != old.ID { // an id from Nimbus must not lead out of the folder
		return ""
	}
	file := filepath.Join(dir, "gust", "replaced", old.ID+".zip")
	s.Voice.Show("saving a copy of %s ...", old.ID)
	if err := backUp(ctx, s.client, old, file); err != nil {
		s.Voice.Warn(fmt.Sprintf("no copy of %s was saved to restore it from: %v", old.ID, err))
		return ""
	}
	forgetOld(filepath.Dir(file), s.name)
	return file
}

// keptCopies is how many copies of one topology are kept.
const keptCopies = 5

// forgetOld deletes all but the latest copies of a topology. It ignores errors: the next
// call tries again.
func forgetOld(dir, name string) {
	ofTopology := regexp.MustCompile(`^` + regexp.QuoteMeta(name) + `-\d+-(\d+)\.zip$`)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	var copies []string
	for _, entry := range entries {
		if ofTopology.MatchString(entry.Name()) {
			copies = append(copies, entry.Name())
		}
	}
	// The second number is when it was submitted, in seconds.
	slices.SortFunc(copies, func(a, b string) int {
		return cmp.Compare(ofTopology.FindStringSubmatch(a)[1], ofTopology.FindStringSubmatch(b)[1])
	})
	for _, old := range copies[:max(0, len(copies)-keptCopies)] {
		_ = os.Remove(filepath.Join(dir, old))
	}
}
