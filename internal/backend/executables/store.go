package executables

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// limit is the number of executables kept, of 0.5 to 2 MB each: the ones used last.
const limit = 128

// store is a folder of executables.
type store struct {
	dir     string
	machine []byte // what an executable depends on beside its program
}

func newStore(dir, plugin string) (*store, error) {
	info, err := os.Stat(plugin)
	if err != nil {
		return nil, err
	}
	machine := fmt.Sprintf("%s %d %d\n%s cores %d\nthreads %s\n%s", plugin, info.Size(), info.ModTime().UnixNano(), processor(), runtime.NumCPU(),
		os.Getenv("NPROC"), os.Getenv("XLA_FLAGS")) // XLA reads both: the work may be cut up by the threads there are
	return &store{dir, []byte(machine)}, nil
}

// processor names the processor and the instructions it has.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo") // elsewhere the name of the architecture has to do
	names := []string{runtime.GOARCH}
	for _, key := range []string{"model name", "flags", "CPU part", "Features"} {
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, key) {
				names = append(names, strings.TrimSpace(line))
				break
			}
		}
	}
	return strings.Join(names, "\n")
}

// kept is the file of one executable: the SHA-256 of what follows, and that.
type kept struct{ path string }

// file is where an executable of these parts is kept.
func (s *store) file(parts ...[]byte) kept {
	hash := sha256.New()
	for _, part := range append(parts, s.machine) {
		_ = binary.Write(hash, binary.LittleEndian, int64(len(part))) // a hash never fails
		hash.Write(part)
	}
	return kept{filepath.Join(s.dir, hex.EncodeToString(hash.Sum(nil))+extension)}
}

const extension = ".xla"

// read is the executable; nil where there is none that is whole.
func (k kept) read() []byte {
	data, err := os.ReadFile(k.path)
	if err != nil || len(data) < sha256.Size {
		return nil
	}
	sum, executable := data[:sha256.Size], data[sha256.Size:]
	if actual := sha256.Sum256(executable); !bytes.Equal(sum, actual[:]) {
		return nil
	}
	now := time.Now()
	_ = os.Chtimes(k.path, now, now) // what is used last is kept longest; a folder that cannot be written to is read all the same
	return executable
}

// write keeps an executable, unless it cannot: the program runs without.
func (k kept) write(executable []byte) {
	dir := filepath.Dir(k.path)
	if len(executable) == 0 || os.MkdirAll(dir, 0o700) != nil {
		return
	}
	file, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return
	}
	sum := sha256.Sum256(executable)
	_, err = file.Write(append(sum[:], executable...))
	if cmp.Or(err, file.Close()) != nil || os.Rename(file.Name(), k.path) != nil {
		_ = os.Remove(file.Name())
		return
	}
	prune(dir)
}

// prune removes the files used longest ago beyond the limit.
func prune(dir string) {
	paths, _ := filepath.Glob(filepath.Join(dir, "*"+extension)) // the pattern is good
	used := func(path string) int64 {
		info, err := os.Stat(path)
		if err != nil { // gone meanwhile
			return 0
		}
		return info.ModTime().UnixNano()
	}
	slices.SortFunc(paths, func(a, b string) int { return cmp.Compare(used(b), used(a)) })
	for _, path := range paths[min(limit, len(paths)):] {
		_ = os.Remove(path)
	}
}
