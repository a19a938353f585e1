// Package memory reports how much memory is left on the machine or in the container that this process runs in, and on
// its GPU. It links nothing of XLA.
package memory

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// Free returns the bytes that this process may still take: what the kernel calls available, and no more than its
// control groups leave it. It is an error if neither is known.
func Free() (float64, error) { return free("/proc", "/sys/fs/cgroup") }

func free(proc, cgroups string) (float64, error) {
	left, err := available(filepath.Join(proc, "meminfo"))
	if err != nil {
		return 0, err
	}
	for _, group := range groupsOf(filepath.Join(proc, "self", "cgroup")) {
		if of, found := leftInGroup(filepath.Join(cgroups, group)); found {
			left = min(left, of)
		}
	}
	return left, nil
}

// available reads MemAvailable of /proc/meminfo, in bytes.
func available(meminfo string) (float64, error) {
	text, err := os.ReadFile(meminfo)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "MemAvailable:" {
			kib, err := strconv.ParseFloat(fields[1], 64)
			return kib * 1024, err
		}
	}
	return 0, errors.New("meminfo does not say what is available")
}

// groupsOf returns the control groups (version 2) that hold the process: its own and all above it.
func groupsOf(file string) (groups []string) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		if own, found := strings.CutPrefix(strings.TrimSpace(line), "0::"); found {
			for group := path.Clean("/" + own); ; group = path.Dir(group) {
				groups = append(groups, group)
				if group == "/" {
					break
				}
			}
		}
	}
	return groups
}

// leftInGroup returns the bytes that a control group leaves: its limit minus what is in use, not counting inactive
// pages of files, which the kernel can drop.
func leftInGroup(dir string) (float64, bool) {
	limit, hasLimit := number(filepath.Join(dir, "memory.max"))
	used, hasUsed := number(filepath.Join(dir, "memory.current"))
	if !hasLimit || !hasUsed {
		return 0, false
	}
	return max(0, limit-used+inactive(filepath.Join(dir, "memory.stat"))), true
}

func number(file string) (float64, bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64) // "max" is no number
	return float64(n), err == nil
}

func inactive(stat string) float64 {
	file, err := os.Open(stat)
	if err != nil {
		return 0
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) == 2 && fields[0] == "inactive_file" {
			n, _ := strconv.ParseFloat(fields[1], 64)
			return n
		}
	}
	return 0
}

// Check returns an error if training needs more bytes than are free, and names how many of the members would fit.
// of names the memory in the error.
func Check(of string, members int, needed, free float64) error {
	if needed <= free {
		return nil
	}
	remedy := "lower capacity, batch, window, state_every or hidden"
	if fit := int(min(float64(members), free/(needed/float64(members)))); fit > 0 {
		remedy = fmt.Sprintf("train at most %d together, or %s", fit, remedy)
	}
	subject := fmt.Sprintf("%d members in one program take", members)
	if members == 1 {
		subject = "training takes"
	}
	return fmt.Errorf("%s about %.1f GB of %s, and %.1f GB are free: %s", subject, needed/1e9, of, free/1e9,
		remedy)
}
