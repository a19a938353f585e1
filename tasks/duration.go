package tasks

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
)

// Duration is how long a period lasts, in milliseconds: a constant or a distribution. In JSON it is one of
//
//	750                                         constant
//	[300, 500, 700]                             one of these, each equally likely
//	{"uniform": [800, 1500]}                    low <= t < high
//	{"truncated_exponential": [600, 300, 3000]} mean, low <= t < high, drawn again until inside
//
// Draws are rounded down to a multiple of dt.
type Duration struct {
	kind   string
	values []float64
}

const (
	constantDuration    = "constant"
	choiceDuration      = "choice"
	uniformDuration     = "uniform"
	exponentialDuration = "truncated_exponential"
)

// Millis returns a constant duration in milliseconds.
func Millis(ms float64) Duration { return Duration{constantDuration, []float64{ms}} }

// Uniform returns a duration that is drawn uniformly in low <= t < high.
func Uniform(low, high float64) Duration { return Duration{uniformDuration, []float64{low, high}} }

// TruncatedExponential returns an exponential duration of the given mean that is drawn again until low <= t < high.
func TruncatedExponential(mean, low, high float64) Duration {
	return Duration{exponentialDuration, []float64{mean, low, high}}
}

// steps draws a duration in steps of dt milliseconds.
func (d Duration) steps(dt int, rng *rand.Rand) int { return int(d.draw(rng) / float64(dt)) }

func (d Duration) draw(rng *rand.Rand) float64 {
	v := d.values
	switch d.kind {
	case choiceDuration:
		return v[rng.IntN(len(v))]
	case uniformDuration:
		return v[0] + (v[1]-v[0])*rng.Float64()
	case exponentialDuration:
		return truncatedExponential(v[0], v[1], v[2], rng)
	}
	return v[0]
}

// mostRejections bounds the draws of a truncated exponential: a narrow interval far from the mean would take forever.
const mostRejections = 1000

// truncatedExponential draws until low <= t < high, as NeuroGym does, and after mostRejections draws by the inverse of
// the truncated distribution function, which is the same distribution.
func truncatedExponential(mean, low, high float64, rng *rand.Rand) float64 {
	for range mostRejections {
		if t := mean * rng.ExpFloat64(); low <= t && t < high {
			return t
		}
	}
	return truncatedQuantile(mean, low, high, rng.Float64())
}

// truncatedQuantile computes the inverse of the truncated distribution function.
func truncatedQuantile(mean, low, high, u float64) float64 {
	t := low - mean*math.Log1p(u*math.Expm1(-(high-low)/mean))
	return min(max(low, t), math.Nextafter(high, low))
}

// quantile returns the duration below which a share u of the draws lies. The values of a list are equally likely.
func (d Duration) quantile(u float64) float64 {
	v := d.values
	switch d.kind {
	case choiceDuration:
		return v[min(int(u*float64(len(v))), len(v)-1)]
	case uniformDuration:
		return v[0] + (v[1]-v[0])*u
	case exponentialDuration:
		return truncatedQuantile(v[0], v[1], v[2], u)
	}
	return v[0]
}

// maxSteps returns the longest draw in steps.
func (d Duration) maxSteps(dt int) int {
	longest := d.values[0]
	switch d.kind {
	case choiceDuration:
		longest = slices.Max(d.values)
	case uniformDuration, exponentialDuration: // the upper end is not reached
		longest = math.Nextafter(d.values[len(d.values)-1], 0)
	}
	return int(longest / float64(dt))
}

// minSteps returns the shortest draw in steps.
func (d Duration) minSteps(dt int) int { return int(d.shortest() / float64(dt)) }

// shortest returns the shortest draw in milliseconds.
func (d Duration) shortest() float64 {
	switch d.kind {
	case choiceDuration:
		return slices.Min(d.values)
	case exponentialDuration:
		return d.values[1]
	}
	return d.values[0]
}

// checkRounding returns an error where dt rounds a duration above 0 down to no step.
// A distribution may have draws below dt.
func (d Duration) checkRounding(period string, dt int) error {
	values := d.values // as the user wrote them
	switch d.kind {
	case uniformDuration:
		values = []float64{math.Nextafter(d.values[1], 0)}
	case exponentialDuration:
		values = []float64{math.Nextafter(d.values[2], 0)}
	}
	for _, v := range values {
		if v > 0 && v < float64(dt) {
			return fmt.Errorf("timing: %s lasts %.4g ms: less than a step of %d ms: make it longer, or choose a "+
				"smaller dt",
				period, v, dt)
		}
	}
	return nil
}

// otherDurations are the forms that draw, for help and errors.
const otherDurations = `{"uniform":[low,high]} or {"truncated_exponential":[mean,low,high]}`

// UnmarshalJSON reads the forms above and refuses null.
func (d *Duration) UnmarshalJSON(data []byte) error {
	switch {
	case string(data) == "null": // which would leave every form below as it is
		return fmt.Errorf("duration null: leave the period out, or write its ms")
	case isNumber(data):
		var ms float64
		if json.Unmarshal(data, &ms) != nil {
			return fmt.Errorf("duration %s ms is outside 0 to %.0f", quote(data), float64(longestDuration))
		}
		*d = Millis(ms)
		return d.check()
	}
	if choices, err := readNumbers(data); err == nil {
		*d = Duration{choiceDuration, choices}
		return d.check()
	}
	members, err := readObject("", data)
	if err != nil || len(members) != 1 {
		return fmt.Errorf("duration %s: write a number of ms, a list of them, %s", quote(data), otherDurations)
	}
	values, err := readNumbers(members[0].Value)
	if err != nil {
		return fmt.Errorf("duration %s: %w", members[0].Name, err)
	}
	*d = Duration{members[0].Name, values}
	return d.check()
}

// readNumbers reads a list of numbers.
func readNumbers(data json.RawMessage) (numbers []float64, err error) {
	return numbers, readValue("the list", "", data, reflect.ValueOf(&numbers).Elem())
}

// MarshalJSON writes the forms that UnmarshalJSON reads.
func (d Duration) MarshalJSON() ([]byte, error) {
	switch d.kind {
	case constantDuration:
		return json.Marshal(d.values[0])
	case choiceDuration:
		return json.Marshal(d.values)
	}
	return json.Marshal(map[string][]float64{d.kind: d.values})
}

// longestDuration bounds a period, so that a wrong unit does not fill the memory.
const longestDuration = 1e6

func (d Duration) check() error {
	arguments := map[string]int{constantDuration: 1, uniformDuration: 2, exponentialDuration: 3}
	if count, fixed := arguments[d.kind]; fixed && len(d.values) != count {
		return fmt.Errorf("duration %q takes %d numbers, not %d", d.kind, count, len(d.values))
	} else if !fixed && d.kind != choiceDuration {
		return fmt.Errorf("duration %q is unknown: use uniform or truncated_exponential, or write a number or a "+
			"list", d.kind)
	}
	if len(d.values) == 0 {
		return fmt.Errorf("duration: the list is empty")
	}
	for _, v := range d.values {
		if !(v >= 0 && v <= longestDuration) {
			return fmt.Errorf("duration %v ms is outside 0 to %.0f", v, float64(longestDuration))
		}
	}
	if v := d.values; d.kind == uniformDuration && v[0] >= v[1] || d.kind == exponentialDuration &&
		(v[1] >= v[2] || v[0] <= 0) {
		return fmt.Errorf("duration %s %v: low must lie below high, and the mean above 0", d.kind, v)
	}
	return nil
}
