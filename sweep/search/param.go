package search

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"engram/internal/numbers"
)

// Kind is the kind of a parameter's values, and the scale in which they are searched.
type Kind string

// The kinds of parameters.
const (
	KindFloat  Kind = "float"   // low to high, even
	KindLog    Kind = "log"     // low to high, even in the logarithm
	KindInt    Kind = "int"     // whole numbers, low to high
	KindLogInt Kind = "log_int" // whole numbers, even in the logarithm
	KindChoice Kind = "choice"  // one of some texts, without order
)

// Param is one parameter of a space.
type Param struct {
	Name    string  `json:"name"`
	Kind    Kind    `json:"kind"`
	Low     float64 `json:"low,omitempty"`
	High    float64 `json:"high,omitempty"`
	Choices Choices `json:"choices,omitempty"`
	// Points is the number of values that a grid takes from a range; 0 means DefaultPoints. It takes all values of a
	// choice, and of a range of fewer whole numbers.
	Points int `json:"points,omitempty"`
	// When switches the parameter on; nil: it is always on.
	When *Condition `json:"when,omitempty"`
}

// Condition is true where an earlier parameter, a choice, has one of the given values.
type Condition struct {
	Param string  `json:"param"`
	In    Choices `json:"in"`
}

// Choices are texts; a study file may also hold numbers and truth values.
type Choices []string

// UnmarshalJSON reads a list of texts, numbers and truth values.
func (c *Choices) UnmarshalJSON(data []byte) error {
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return fmt.Errorf("invalid choices %s: use a list", data)
	}
	*c = nil
	for _, r := range raw {
		text := string(r)
		if text[0] == '"' {
			if err := json.Unmarshal(r, &text); err != nil {
				return err
			}
		} else if text[0] == '{' || text[0] == '[' || text == "null" {
			return fmt.Errorf("invalid choice %s: use a text, a number or a truth value", text)
		}
		*c = append(*c, text)
	}
	return nil
}

// twice returns the first two choices that mean the same: equal texts, or equal numbers such as 0.001 and 1e-3.
func (c Choices) twice() (a, b string, found bool) {
	seen := map[string]string{}
	for _, text := range c {
		meaning := text
		if number, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err == nil {
			meaning = strconv.FormatFloat(number+0, 'g', -1, 64) // -0 + 0 is 0
		}
		if before, there := seen[meaning]; there {
			return before, text, true
		}
		seen[meaning] = text
	}
	return "", "", false
}

// DefaultPoints is the number of values that a grid takes from a range.
const DefaultPoints = 5

// Float returns a parameter that is a number from low to high.
func Float(name string, low, high float64) Param {
	return Param{Name: name, Kind: KindFloat, Low: low, High: high}
}

// Log returns a parameter that is a number from low to high, above 0, searched evenly in its logarithm.
func Log(name string, low, high float64) Param {
	return Param{Name: name, Kind: KindLog, Low: low, High: high}
}

// Int returns a parameter that is a whole number from low to high, both included.
func Int(name string, low, high int) Param {
	return Param{Name: name, Kind: KindInt, Low: float64(low), High: float64(high)}
}

// LogInt returns a parameter that is a whole number from low to high, 1 or more, searched evenly in its logarithm.
func LogInt(name string, low, high int) Param {
	return Param{Name: name, Kind: KindLogInt, Low: float64(low), High: float64(high)}
}

// Choice returns a parameter that is one of the given texts.
func Choice(name string, choices ...string) Param {
	return Param{Name: name, Kind: KindChoice, Choices: choices}
}

// If returns the parameter with a condition: it is active only where the earlier choice param has one of the values.
func (p Param) If(param string, in ...string) Param {
	p.When = &Condition{Param: param, In: in}
	return p
}

// check returns an error that names the parameter and the remedy where it is invalid.
func (p Param) check() error {
	switch p.Kind {
	case KindChoice:
		if len(p.Choices) == 0 {
			return fmt.Errorf("parameter %s has no choices: list some", p.Name)
		}
		if a, b, twice := p.Choices.twice(); twice {
			return fmt.Errorf("parameter %s has a choice twice, %s and %s: leave one out", p.Name, a, b)
		}
		if p.Low != 0 || p.High != 0 || p.Points != 0 {
			return fmt.Errorf("parameter %s is a choice: low, high and points have no use, leave them out", p.Name)
		}
		return nil
	case KindFloat, KindLog, KindInt, KindLogInt:
		return p.checkRange()
	}
	return fmt.Errorf("parameter %s has the kind %q: use float, log, int, log_int or choice", p.Name, p.Kind)
}

func (p Param) checkRange() error {
	switch {
	case len(p.Choices) > 0:
		return fmt.Errorf("parameter %s is a range: choices have no use, leave them out", p.Name)
	case !numbers.Finite(p.Low) || !numbers.Finite(p.High) || p.Low >= p.High:
		return fmt.Errorf("parameter %s goes from low %g to high %g: use low below high", p.Name, p.Low, p.High)
	case p.logarithmic() && p.Low <= 0:
		return fmt.Errorf("parameter %s is searched in its logarithm from low %g: use a low above 0", p.Name, p.Low)
	case p.whole() && (p.Low != math.Trunc(p.Low) || p.High != math.Trunc(p.High)):
		return fmt.Errorf("parameter %s is a whole number from low %g to high %g: use whole bounds", p.Name, p.Low,
			p.High)
	case p.Points < 0 || p.Points == 1 || p.Points > MaxGrid:
		return fmt.Errorf("parameter %s has %d points: use 2 to %d, or 0 for %d", p.Name, p.Points, MaxGrid,
			DefaultPoints)
	}
	return nil
}

func (p Param) logarithmic() bool { return p.Kind == KindLog || p.Kind == KindLogInt }
func (p Param) whole() bool       { return p.Kind == KindInt || p.Kind == KindLogInt }

// bounds returns the ends of the range in the scale in which it is searched; a whole number owns half a unit to each
// side.
func (p Param) bounds() (low, high float64) {
	low, high = p.Low, p.High
	if p.whole() {
		low, high = low-0.5, high+0.5
	}
	if p.logarithmic() {
		low, high = math.Log(low), math.Log(high)
	}
	return low, high
}

// at returns the value at place u, 0 to 1, of the range; the index of a choice.
func (p Param) at(u float64) float64 {
	if p.Kind == KindChoice {
		return math.Min(math.Floor(u*float64(len(p.Choices))), float64(len(p.Choices)-1))
	}
	low, high := p.bounds()
	return p.nearest(low+u*(high-low), u)
}

// nearest returns the value for v, a number in the scale in which the range is searched, at a share of the way through
// the range. At the ends it returns Low and High themselves, from which logarithms would differ by rounding.
func (p Param) nearest(v, share float64) float64 {
	switch {
	case share <= 0:
		return p.Low
	case share >= 1:
		return p.High
	case p.logarithmic():
		v = math.Exp(v)
	}
	if p.whole() {
		v = math.Round(v)
	}
	return math.Max(p.Low, math.Min(p.High, v))
}

// Place returns the place u, 0 to 1, of a value in the range: at(Place(v)) = v, except for rounding.
func (p Param) Place(v float64) float64 {
	if p.Kind == KindChoice {
		return (v + 0.5) / float64(len(p.Choices))
	}
	low, high := p.bounds()
	if p.logarithmic() {
		v = math.Log(v)
	}
	return (v - low) / (high - low)
}

// grid returns the values that a grid takes, in order.
func (p Param) grid() []float64 {
	points := max(p.Points, 0)
	switch {
	case p.Kind == KindChoice:
		points = len(p.Choices)
	case points == 0:
		points = DefaultPoints
	}
	if p.whole() && p.High-p.Low+1 <= float64(points) {
		points = int(p.High-p.Low) + 1
	}
	var values []float64
	for i := range points {
		v := float64(i)
		if p.Kind != KindChoice {
			v = p.between(float64(i) / float64(points-1))
		}
		if len(values) == 0 || v > values[len(values)-1] { // whole numbers may round to the same
			values = append(values, v)
		}
	}
	return values
}

// between returns the value at a share of the way from low to high, both included.
func (p Param) between(share float64) float64 {
	low, high := p.Low, p.High
	if p.logarithmic() {
		low, high = math.Log(low), math.Log(high)
	}
	return p.nearest(low+share*(high-low), share)
}

// Text returns a value as the text from which a hyperparameter is set.
func (p Param) Text(v float64) string {
	if p.Kind == KindChoice {
		return p.Choices[int(v)]
	}
	return strconv.FormatFloat(v, p.format(), -1, 64)
}

// format returns the format of a number's text: whole numbers are written as digits, because a reader of whole numbers
// refuses 1e+06.
func (p Param) format() byte {
	if p.whole() {
		return 'f'
	}
	return 'g'
}

// json returns a value as files hold it.
func (p Param) json(v float64) any {
	if p.Kind == KindChoice {
		return p.Choices[int(v)]
	}
	if p.whole() {
		return json.Number(p.Text(v))
	}
	return v
}

// parse reads a value from a file; a value outside the range is an error.
func (p Param) parse(value any) (float64, error) {
	switch x := value.(type) {
	case string:
		if i := slices.Index(p.Choices, x); i >= 0 {
			return float64(i), nil
		}
	case json.Number:
		number, err := x.Float64()
		if err == nil {
			return p.parse(number)
		}
	case float64:
		if p.Kind != KindChoice && x >= p.Low && x <= p.High && (!p.whole() || x == math.Trunc(x)) {
			return x, nil
		}
	}
	return 0, fmt.Errorf("parameter %s cannot be %v: it is %s", p.Name, value, p.Range())
}

// Range returns the parameter's values in words, such as "0.1 to 1, logarithmic".
func (p Param) Range() string {
	switch p.Kind {
	case KindChoice:
		return "one of " + strings.Join(p.Choices, ", ")
	case KindLog, KindLogInt:
		return fmt.Sprintf("%g to %g, logarithmic", p.Low, p.High)
	}
	return fmt.Sprintf("%g to %g", p.Low, p.High)
}
