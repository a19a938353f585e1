package cluster

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// TimeForms names the forms of a time that ParseTime reads, for messages.
const TimeForms = "2d, 1h30m, a number of minutes, HH:MM:SS or D-HH:MM:SS"

// The shortest and the longest time limit of a worker: with less it only starts and stops, and more is a slip.
const shortest, longest = time.Minute, 365 * 24 * time.Hour

// ParseTime parses a time limit in Go's form (1h30m), with days (2d, 1d12h), or in one of Slurm's forms: minutes,
// minutes:seconds, hours:minutes:seconds, days-hours, days-hours:minutes or days-hours:minutes:seconds.
func ParseTime(text string) (time.Duration, error) {
	d, err := parseTime(strings.TrimSpace(text))
	if err == nil {
		err = checkTime(d)
	}
	if err != nil {
		return 0, fmt.Errorf("invalid time %q: use %s, from 1 minute to 365 days", text, TimeForms)
	}
	return d, nil
}

// checkTime returns an error where a time is too short or too long for a worker.
func checkTime(d time.Duration) error {
	if d < shortest || d > longest {
		return fmt.Errorf("invalid time %s: use 1 minute to 365 days", d)
	}
	return nil
}

func parseTime(text string) (time.Duration, error) {
	if slurmForm.MatchString(text) {
		return parseSlurmTime(text)
	}
	days, rest, found := strings.Cut(text, "d")
	if !found {
		return time.ParseDuration(text)
	}
	n, err := strconv.ParseFloat(days, 64)
	if err != nil || !(n >= 0 && n <= longest.Hours()/24) { // NaN is refused, too
		return 0, fmt.Errorf("invalid number of days %q", days)
	}
	d := time.Duration(n * 24 * float64(time.Hour))
	if rest == "" {
		return d, nil
	}
	more, err := time.ParseDuration(rest)
	if more < 0 || more > longest {
		return 0, fmt.Errorf("invalid time %q", rest)
	}
	return d + more, err
}

// slurmForm matches Slurm's forms: numbers with colons between them, after an optional number of days.
var slurmForm = regexp.MustCompile(`^([0-9]{1,9}-)?[0-9]{1,9}(:[0-9]{2}){0,2}$`)

// parseSlurmTime parses a time that matches slurmForm. Its first number may be large, the others may not.
func parseSlurmTime(text string) (time.Duration, error) {
	days, clock, long := strings.Cut(text, "-")
	if !long {
		days, clock = "0", text
	}
	fields := strings.Split(clock, ":")
	units := []time.Duration{time.Hour, time.Minute, time.Second}
	if !long && len(fields) < 3 { // minutes, or minutes:seconds
		units = units[1:]
	}
	n, err := strconv.Atoi(days)
	if err != nil {
		return 0, err
	}
	d := time.Duration(n) * 24 * time.Hour
	for i, field := range fields {
		if n, err = strconv.Atoi(field); err != nil {
			return 0, err
		}
		if i > 0 && n > 59 || i == 0 && long && n > 23 {
			return 0, fmt.Errorf("invalid time %q", text)
		}
		d += time.Duration(n) * units[i]
	}
	return d, nil
}

// slurmTime returns a time in the form that Slurm reads: D-HH:MM:SS.
func slurmTime(d time.Duration) string {
	s := int(d.Seconds())
	return fmt.Sprintf("%d-%02d:%02d:%02d", s/86400, s/3600%24, s/60%60, s%60)
}

// margin returns how long before its limit a worker begins to stop: it has to write a checkpoint, and the engine's time
// begins before the worker does.
func margin(limit time.Duration) time.Duration { return min(limit/4, 5*time.Minute) }
