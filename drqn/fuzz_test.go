package drqn

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"engram/internal/boundstest"
)

// configMemory bounds what reading and checking a config allocates, whatever it says.
const configMemory = 32 << 20

// FuzzConfig reads any text as a config. It is refused, or it is one that is valid, can be written, and reads back as
// it was; its network has the size that its hyperparameters say.
func FuzzConfig(f *testing.F) {
	for _, name := range PresetNames() {
		c, err := Preset(name)
		if err != nil {
			f.Fatal(err)
		}
		c.Task = "GoNogo"
		text, err := json.Marshal(c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, text := range []string{
		`{"task":"ReadySetGo","cell":"gru","hidden":3}`,
		`{"task":"MemoryLength","task_options":{"memory_length":100,"num_bits":100}}`,
		`{"task":"GoNogo","hidden":16384,"layers":2}`, `{"task":"GoNogo","time_limit":9223372036854775807}`,
		`{"seed":-1}`, `{"gamma":1e999}`,
		`{"task":"GoNogo","window":9223372036854775807,"burn_in":1}`,
		`{"task":"GoNogo","environments":4611686018427387904,"capacity":9223372036854775807}`,
		`{"task":"GoNogo","task_options":{"timing":{"delay":1e6}}}`,
		`{"task":"GoNogo","start":"stored","state_every":1}`,
		`{"task":"GoNogo","capacity":9223372036854775807}`,
		`{"task":"GoNogo","start":"stored","state_every":2305843009213693952}`,
		`{"task":"GoNogo","burn_in":9223372036854775807}`, `{"task":"GoNogo","batch":65536,"window":6000}`,
		`{"task":"GoNogo","eta":1e300}`, `{} {}`, `[]`, `null`, ``,
		`{"gamma": NaN}`, `{"seed": 1, // one }`, `{"gamma": 5.`, `{'`,
	} {
		f.Add(text)
	}
	base, err := Preset("default")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		boundstest.Within(t, configMemory, func() { readConfig(t, base, text) })
	})
}

func readConfig(t *testing.T, base Config, text string) {
	c, err := DecodeConfig(strings.NewReader(text), base)
	if err != nil {
		if strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("an error of several lines: %q", err)
		}
		return
	}
	if c, err = c.WithoutUnused(); err != nil {
		t.Fatalf("what is not used cannot be left out: %v", err)
	}
	if c.Validate() != nil {
		return
	}
	written, err := json.Marshal(c)
	if err != nil {
		t.Fatalf("a valid config cannot be written: %v", err)
	}
	again, err := DecodeConfig(bytes.NewReader(written), Config{})
	if err != nil || again.Validate() != nil {
		t.Fatalf("a valid config was written as %s and is refused: %v", written, err)
	}
	if twice, err := json.Marshal(again); err != nil || !bytes.Equal(twice, written) {
		t.Fatalf("%s reads back as %s, %v", written, twice, err)
	}
	if f, err := c.Footprint(4096); err != nil || !(f.Host > 0 && f.Device > 0) {
		t.Errorf("a valid config takes %+v, %v", f, err)
	}
	if n, err := c.Trainable(); err != nil || n < 1 {
		t.Errorf("a valid config has %d trainable parameters, %v", n, err)
	}
}

// FuzzHyperparameter sets any hyperparameter to any text: an error that changes nothing, or a value that Text gives
// back as one that Set takes.
func FuzzHyperparameter(f *testing.F) {
	for i, text := range []string{"1", "-1", "1e999", "NaN", "true", "{}", "GoNogo", "0x10", " 1",
		"18446744073709551616", "\x00"} {
		f.Add(uint8(7*i), text)
	}
	fields := Fields()
	f.Fuzz(func(t *testing.T, field uint8, text string) {
		name := fields[int(field)%len(fields)].Name
		var c Config
		if err := c.Set(name, text); err != nil {
			if got := c.Text(name); got != (Config{}).Text(name) {
				t.Errorf("%s was refused %q (%v), and is %q", name, text, err, got)
			}
			return
		}
		set := c.Text(name)
		if err := c.Set(name, set); err != nil || c.Text(name) != set {
			t.Errorf("%s was set to %q, is %q, and then %q, %v", name, text, set, c.Text(name), err)
		}
	})
}
