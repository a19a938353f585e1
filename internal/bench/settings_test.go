package bench

import (
	"strings"
	"testing"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/internal/drqntest"
)

// Each config has its rounds, and one that cannot be trained is named.
func TestSettings(t *testing.T) {
	t.Parallel()
	b := backendtest.Open(t, backend.Go)
	small, large := drqntest.Small(t), drqntest.Small(t)
	large.Hidden = 12
	rows, err := Settings(t.Context(), b, backend.Go, 3, 2, small, large)
	if err != nil || len(rows) != 2 || len(rows[0].Rounds) != 3 || rows[1].Median <= 0 || rows[1].Shape != "setting 2" {
		t.Errorf("%+v, %v", rows, err)
	}
	large.Batch = 0
	if _, err := Settings(t.Context(), b, backend.Go, 3, 2, small, large); err == nil ||
		!strings.HasPrefix(err.Error(), "setting 2: ") {
		t.Errorf("error %v", err)
	}
}
