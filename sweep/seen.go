package sweep

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Seen names the trials that a suggestion was made from, as ranges of their numbers, such as "0-17,20".
type Seen struct {
	Ended   string `json:"ended,omitempty"`   // with the attempt that counted where it was not the first: "18:2"
	Pending string `json:"pending,omitempty"` // those that were running
}

// ended names an ended trial and the attempt that counted.
type ended struct{ trial, attempt int }

// ranges writes ended trials, in order of their numbers, as ranges.
func ranges(trials []ended) string {
	var parts []string
	for i := 0; i < len(trials); {
		first := trials[i]
		if first.attempt != 1 {
			parts = append(parts, fmt.Sprintf("%d:%d", first.trial, first.attempt))
			i++
			continue
		}
		j := i + 1
		for j < len(trials) && trials[j] == (ended{first.trial + j - i, 1}) {
			j++
		}
		part := strconv.Itoa(first.trial)
		if j > i+1 {
			part += "-" + strconv.Itoa(trials[j-1].trial)
		}
		parts, i = append(parts, part), j
	}
	return strings.Join(parts, ",")
}

// parseRanges reads ranges back.
func parseRanges(text string) ([]ended, error) {
	var trials []ended
	for part := range strings.SplitSeq(text, ",") {
		if text == "" {
			break
		}
		number, attempt, named := strings.Cut(part, ":")
		low, high, isRange := strings.Cut(number, "-")
		if !isRange {
			high = low
		}
		e := ended{attempt: 1}
		from, err := strconv.Atoi(low)
		to, errTo := strconv.Atoi(high)
		if named && err == nil {
			e.attempt, err = strconv.Atoi(attempt)
		}
		if err != nil || errTo != nil || from > to {
			return nil, fmt.Errorf("%q does not name trials", part)
		}
		for e.trial = from; e.trial <= to; e.trial++ {
			trials = append(trials, e)
		}
	}
	return trials, nil
}

// sortedTrials returns the keys of a set of trials in order.
func sortedTrials[V any](set map[int]V) []int {
	var trials []int
	for t := range set {
		trials = append(trials, t)
	}
	slices.Sort(trials)
	return trials
}
