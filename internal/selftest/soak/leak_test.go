package soak

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails where a goroutine is left behind when the tests have ended.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
