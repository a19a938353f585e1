package npz

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"engram/internal/boundstest"
	"engram/internal/durable"
)

// archive returns the bytes of an archive with an array of each kind.
func archive(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out)
	err := errors.Join(w.Put("m", "<f4", []int{2, 1, 3}, []float32{1, -2, float32(math.Inf(1)), 4, 5, 6}),
		w.Put("n", "<i8", nil, int64(-7)), w.Put("b", "|b1", []int{2}, []bool{true, false}),
		w.Put("none", "<f8", []int{0, 4}, []float64{}),
		w.PutTexts("s", []int{2, 1}, []string{"ä\x1b", ""}), w.PutTexts("one", nil, []string{"fixation"}), w.Close())
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func written(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.npz")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// readAll reads each array of an archive in its type.
func readAll(path string) (map[string]any, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all := map[string]any{}
	keep := func(a Array, values any, err error) error {
		all[a.Name] = []any{a, values}
		return err
	}
	m, mv, errM := Read[float32](f, "m", "<f4")
	n, nv, errN := Read[int64](f, "n", "<i8")
	b, bv, errB := Read[bool](f, "b", "|b1")
	none, nonev, errNone := Read[float64](f, "none", "<f8")
	s, sv, errS := ReadTexts(f, "s")
	one, onev, errOne := ReadTexts(f, "one")
	return all, errors.Join(keep(m, mv, errM), keep(n, nv, errN), keep(b, bv, errB), keep(none, nonev, errNone),
		keep(s, sv, errS), keep(one, onev, errOne))
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	got, err := readAll(written(t, archive(t)))
	want := map[string]any{
		"m":    []any{Array{"m", "<f4", []int{2, 1, 3}}, []float32{1, -2, float32(math.Inf(1)), 4, 5, 6}},
		"n":    []any{Array{"n", "<i8", nil}, []int64{-7}},
		"b":    []any{Array{"b", "|b1", []int{2}}, []bool{true, false}},
		"none": []any{Array{"none", "<f8", []int{0, 4}}, []float64{}},
		"s":    []any{Array{"s", "<U2", []int{2, 1}}, []string{"ä\x1b", ""}},
		"one":  []any{Array{"one", "<U8", nil}, []string{"fixation"}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %v, %v, want %v", got, err, want)
	}
}

// An archive that was cut anywhere is refused, and so is one of which a value was altered.
func TestCut(t *testing.T) {
	t.Parallel()
	data := archive(t)
	for n := range data {
		if _, err := readAll(written(t, data[:n])); err == nil {
			t.Fatalf("the first %d of %d bytes are read", n, len(data))
		}
	}
	value := bytes.Index(data, []byte{0, 0, 0x80, 0x7f}) // Inf
	data[value] ^= 1
	if _, err := readAll(written(t, data)); err == nil || !strings.Contains(err.Error(), "array m") {
		t.Errorf("an altered value: %v", err)
	}
}

func TestWrongUse(t *testing.T) {
	t.Parallel()
	f, err := Open(written(t, archive(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, _, wrongType := Read[float64](f, "m", "<f8")
	_, _, missing := Read[float64](f, "x", "<f8")
	_, _, noText := ReadTexts(f, "m")
	for want, err := range map[string]error{`has the type "<f4", not "<f8"`: wrongType, "x is missing": missing,
		"not texts": noText} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	var longer bytes.Buffer
	w := NewWriter(&longer)
	entry, err := w.Create(Array{"m", "<f4", []int{2}})
	if err == nil {
		_, err = entry.Write(make([]byte, 12))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := readAll(written(t, longer.Bytes())); err == nil ||
		!strings.Contains(err.Error(), "m of shape [2] has 12 bytes") {
		t.Errorf("more values than the shape: %v", err)
	}
	var folder durable.NotRegular
	if _, err := Open(t.TempDir()); !errors.As(err, &folder) {
		t.Errorf("a folder: %v", err)
	}
	if !f.Has("m") || f.Has("x") || len(f.Names()) != 6 {
		t.Errorf("the names are %v", f.Names())
	}
}

// FuzzRead reads any bytes as an archive, within the memory that its size suggests.
func FuzzRead(f *testing.F) {
	f.Add(archive(f))
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := written(t, data)
		boundstest.Within(t, 16<<20+64*uint64(len(data)), func() { _, _ = readAll(path) })
	})
}
