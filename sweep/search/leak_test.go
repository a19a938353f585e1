package search

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails where a goroutine still runs when the tests have ended.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
