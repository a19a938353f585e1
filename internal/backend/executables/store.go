package executables

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"engram/internal/backend/trust"
	"engram/internal/durable"
	"engram/internal/sysinfo"
)

// limit is the number of executables kept, of 0.1 to 2 MB each: the ones used last. All that the tests compile fits in,
// so that the tests under the race detector, the notebooks and the browser's find what the tests before them compiled.
const limit = 512

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
	// XLA reads the variables: the work may be cut up by the threads there are.
	machine := fmt.Sprintf("%s %d %d\n%s cores %d\none device, threads %s %s\n%s", plugin, info.Size(),
		info.ModTime().UnixNano(), processor(), runtime.NumCPU(), os.Getenv("NPROC"), os.Getenv("PJRT_NPROC"),
		os.Getenv("XLA_FLAGS"))
	return &store{dir, []byte(machine)}, nil
}

// processor names the processor and the instructions it has.
func processor() string {
	names := sysinfo.CPUInfo("model name", "flags", "CPU part", "Features")
	return strings.Join(append([]string{runtime.GOARCH}, names...), "\n")
}

// kept is the file of one executable: the SHA-256 of its key and of what follows, and that. Its key, the hash of its
// program, is its name, too: a file that takes the name of another does not become it.
type kept struct{ path string }

// file returns the place where an executable of these parts is kept.
func (s *store) file(parts ...[]byte) kept {
	hash := sha256.New()
	for _, part := range append(parts, s.machine) {
		_ = binary.Write(hash, binary.LittleEndian, int64(len(part))) // a hash never fails
		hash.Write(part)
	}
	return kept{filepath.Join(s.dir, hex.EncodeToString(hash.Sum(nil))+extension)}
}

const extension = ".xla"

// largest is the largest size in bytes of a file of ours.
const largest = 1 << 30

// sum returns the checksum of an executable of this program.
func (k kept) sum(executable []byte) []byte {
	hash := sha256.New()
	hash.Write([]byte(filepath.Base(k.path)))
	hash.Write(executable)
	return hash.Sum(nil)
}

// read returns the executable, or nil if it is missing, damaged, of another program, or not ours.
func (k kept) read() []byte {
	data, err := readTrusted(k.path)
	if err != nil || len(data) < sha256.Size {
		return nil
	}
	sum, executable := data[:sha256.Size], data[sha256.Size:]
	if !bytes.Equal(sum, k.sum(executable)) {
		return nil
	}
	now := time.Now()
	// what is used last is kept longest; a folder that cannot be written to is read all the same
	_ = os.Chtimes(k.path, now, now)
	return executable
}

// readTrusted returns the content of a file that nobody else may write.
func readTrusted(path string) ([]byte, error) {
	file, err := durable.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil {
		err = trust.Check(path, info)
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(file, largest))
}

// write keeps an executable, unless it cannot: the program runs without.
func (k kept) write(executable []byte) {
	dir := filepath.Dir(k.path)
	if len(executable) == 0 || os.MkdirAll(dir, 0o700) != nil {
		return
	}
	if durable.ReplacePrivate(k.path, append(k.sum(executable), executable...)) != nil {
		return
	}
	durable.RemoveLeft(dir, durable.BesidePrefix)
	prune(dir)
}

// checkFolder returns an error that says why executables are neither loaded from a folder nor kept in it: others own it
// or may write it. A folder that is not there is made, and is ours.
func checkFolder(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return nil // it is made, or cannot be and keeps nothing
	}
	return trust.Check(dir, info)
}

// Notice returns one line about what is not used in a folder of executables because others own it or may write it; ""
// if everything is used.
func Notice(dir string) string {
	if err := checkFolder(dir); err != nil {
		return fmt.Sprintf("compiled programs are not kept because %v", err)
	}
	for _, path := range filesIn(dir) {
		info, err := os.Stat(path)
		if err != nil { // gone meanwhile
			continue
		}
		if err := trust.Check(path, info); err != nil {
			return fmt.Sprintf("a compiled program is not used because %v", err)
		}
	}
	return ""
}

// filesIn returns the paths of the executables in a folder.
func filesIn(dir string) (paths []string) {
	entries, _ := os.ReadDir(dir) // what cannot be read has none
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), extension) {
			paths = append(paths, filepath.Join(dir, entry.Name()))
		}
	}
	return paths
}

// prune removes the files used longest ago beyond the limit.
func prune(dir string) {
	paths := filesIn(dir)
	if len(paths) <= limit {
		return
	}
	used := map[string]int64{}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil { // else gone meanwhile
			used[path] = info.ModTime().UnixNano()
		}
	}
	slices.SortFunc(paths, func(a, b string) int { return cmp.Compare(used[b], used[a]) })
	for _, path := range paths[limit:] {
		_ = os.Remove(path)
	}
}
