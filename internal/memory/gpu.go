package memory

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// GPUBackend is the name of the backend that computes on a GPU.
const GPUBackend = "xla:cuda"

// FreeOnGPU returns the free bytes of the GPU that xla:cuda computes on, the first, as nvidia-smi reports them.
func FreeOnGPU() (float64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	said, err := exec.CommandContext(ctx, "nvidia-smi", "--query-gpu=memory.free",
		"--format=csv,noheader,nounits").Output()
	if err != nil {
		return 0, fmt.Errorf("nvidia-smi: %w", err)
	}
	return parseMemory(string(said))
}

// parseMemory returns the bytes of the first GPU in nvidia-smi's answer, which has one line of MiB for each GPU.
func parseMemory(said string) (float64, error) {
	line, _, _ := strings.Cut(said, "\n")
	mib, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
	if err != nil || mib < 0 {
		return 0, fmt.Errorf("nvidia-smi said %q, not a number of MiB", line)
	}
	return mib * (1 << 20), nil
}
