package bridge

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// Several environments are described by one Python as each is alone. What raises in it, or ends it, is asked for alone,
// and leaves the others as they are.
func TestDescribeTogether(t *testing.T) {
	options := json.RawMessage(`{"at":5}`)
	good := []Named{{"testdata.odd:Plain", options}, {"testdata.odd:Mixed", nil}, {"gymnasium:CartPole-v1", nil}}
	var want []Description
	for _, n := range good {
		Forget()
		d, err := Describe(n.Name, n.Options)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, d)
	}
	starts := countStarts(t)
	bad := []Named{{"testdata.odd:continuous", nil}, {"nopackage:X", nil}, good[0], {"testdata.odd:Plain", []byte("[")}}
	ends := Named{"testdata.odd:exits", json.RawMessage(`{"at":1}`)}
	Forget()
	DescribeTogether(append(append(bad[:2:2], ends), append(bad[2:], good...)...)...)
	for i, n := range good {
		if d, err := Describe(n.Name, n.Options); err != nil || !reflect.DeepEqual(d, want[i]) {
			t.Errorf("%s is %+v, want %+v, %v", n.Name, d, want[i], err)
		}
	}
	if n := starts(); n != 2 { // again after an environment ended the first one
		t.Errorf("Python was started %d times, want 2", n)
	}
	for n, part := range map[*Named]string{&bad[0]: "continuous", &bad[1]: "No module named 'nopackage'",
		&ends: "exit status 7"} {
		if _, err := Describe(n.Name, n.Options); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v, want %q", n.Name, err, part)
		}
	}
}

// FuzzDescription decodes any line of a worker: it is a description that a frame can be of, or an error.
func FuzzDescription(f *testing.F) {
	f.Add([]byte(`{"protocol":1,"observations":["o"],"actions":["a","b"]}`))
	f.Add([]byte(`{"error":"ValueError: no"}`))
	f.Add([]byte(`{"protocol":1,"observations":[],"actions":["a"]}`))
	f.Add([]byte("[1"))
	f.Fuzz(func(t *testing.T, line []byte) {
		d, err := decodeDescription(line)
		if (err == nil) != (d.check() == nil) {
			t.Errorf("%+v, %v", d, err)
		}
	})
}
