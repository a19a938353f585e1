package bridge

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	"engram/tasks"
)

// TestDescribesTrial reads what an environment of Python says of its episode: numbers, short lists of numbers and texts
// of its reset's info, by names that are safe, and nothing else.
func TestDescribesTrial(t *testing.T) {
	t.Parallel()
	plain, err := tasks.New("testdata.odd:Told", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tasks.Close(plain)
	env, err := tasks.Wrap(plain, tasks.Wrappers{PassReward: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tasks.DescribeTrial(env); err == nil {
		t.Error("an episode that did not begin is described")
	}
	sides := map[int64]bool{}
	for seed := range uint64(10) {
		first, err := env.Reset(seed)
		if err != nil {
			t.Fatal(err)
		}
		first = slices.Clone(first)
		about, err := tasks.DescribeTrial(env)
		if err != nil {
			t.Fatal(err)
		}
		side := int64(first[1] * 2)
		sides[side] = true
		want := map[string]any{"side": side, "level": any(0.5), "cue": "left", "easy": side == 1,
			"place": []float64{float64(side), 2.5}, "nan": nil, ".._evil__31m": int64(3), "5": int64(7), "none": nil}
		if side == 1 {
			want["level"], want["cue"] = int64(0), "right"
		}
		if !reflect.DeepEqual(about.Params, any(want)) || len(about.Periods) != 0 {
			t.Errorf("seed %d: %#v, want %#v", seed, about, want)
		}
		if step, err := env.Step(1); err != nil || step.Observation[0] != 1 {
			t.Errorf("the step after a description: %+v, %v", step, err)
		}
	}
	if len(sides) != 2 {
		t.Errorf("ten seeds have the sides %v", slices.Collect(maps.Keys(sides)))
	}
}

// FuzzTrial decodes any description of a trial: its parameters are what a recording takes, or it is an error.
func FuzzTrial(f *testing.F) {
	f.Add([]byte(`{"params":{"a":1,"b":[1,2.5],"c":"x","d":null},"periods":[{"name":"cue","start":0,"end":3}]}`))
	f.Add([]byte(`{"params":{"a":[[1]]}}`))
	f.Add([]byte(`{"params":{"a":1e999}}`))
	f.Add([]byte(`{"periods":[{"start":3,"end":1}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		about, err := decodeTrial(text)
		if err != nil {
			return
		}
		params, _ := about.Params.(map[string]any)
		if _, err := json.Marshal(params); err != nil || params == nil {
			t.Errorf("%#v: %v", about.Params, err)
		}
		for name, value := range params {
			switch value.(type) {
			case nil, bool, string, int64, float64, []int64, []float64:
			default:
				t.Errorf("%s is %#v", name, value)
			}
		}
		for _, p := range about.Periods {
			if p.Start < 0 || p.End < p.Start {
				t.Errorf("period %+v", p)
			}
		}
	})
}
