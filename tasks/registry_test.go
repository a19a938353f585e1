package tasks

import (
	"reflect"
	"testing"
)

// TestDefaults checks that the defaults are the tasks that have been checked, in the order of their names.
func TestDefaults(t *testing.T) {
	t.Parallel()
	all := Defaults()
	for i, name := range Names() {
		checked, err := NewTask(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := all[i].Spec().Name; got != name || !reflect.DeepEqual(Options(all[i]), Options(checked)) {
			t.Errorf("default %d is %s with %+v, want %s with %+v", i, got, Options(all[i]), name, Options(checked))
		}
	}
}
