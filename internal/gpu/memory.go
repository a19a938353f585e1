// Package gpu says what fits into a GPU's memory. It links nothing of XLA, so that whoever trains may ask it.
package gpu

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Backend is the name of the backend that computes on a GPU.
const Backend = "xla:cuda"

// FreeMemory is the free memory in bytes of the GPU that xla:cuda computes on, the first, as nvidia-smi says; an error
// where it says nothing.
func FreeMemory() (float64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	said, err := exec.CommandContext(ctx, "nvidia-smi", "--query-gpu=memory.free",
		"--format=csv,noheader,nounits").Output()
	if err != nil {
		return 0, fmt.Errorf("nvidia-smi: %w", err)
	}
	return parseMemory(string(said))
}

// parseMemory reads nvidia-smi's answer: MiB, a line a GPU.
func parseMemory(said string) (float64, error) {
	line, _, _ := strings.Cut(said, "\n")
	mib, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
	if err != nil || mib < 0 {
		return 0, fmt.Errorf("nvidia-smi said %q, not a number of MiB", line)
	}
	return mib * (1 << 20), nil
}
