package cmd

import (
	"fmt"
	"path/filepath"
	"slices"

	"engram/internal/durable"
	"engram/internal/plain"
	"engram/lab"
	"engram/suite"
	"engram/suite/holds"
	"engram/sweep"
)

// folderKinds lists the kinds of folders that engram makes, and the files and folders there that cannot be made again.
var folderKinds = []struct {
	name  string
	is    func(dir string) bool
	keeps []string
}{
	{"run", lab.IsRun, lab.Kept()},
	{"suite", suite.IsSuite, append(suite.Kept(), holds.File)},
	{"study", sweep.IsStudy, sweep.Kept()},
}

// kindOf returns the name of a folder's kind, or "" of another folder.
func kindOf(dir string) string {
	for _, kind := range folderKinds {
		if kind.is(dir) {
			return kind.name
		}
	}
	return ""
}

// writableFile returns an error that names the remedy unless a command could write the file at path now without losing
// what engram keeps in a run, a suite or a study.
func writableFile(path string) error {
	if err := durable.Writable(path); err != nil {
		return err
	}
	return notKept(path)
}

// notKept returns an error if path names a file that engram keeps, or a link to one.
func notKept(path string) error {
	folder, name := filepath.Split(path)
	if folder == "" {
		folder = "."
	}
	folder, err := filepath.EvalSymlinks(folder) // which, unlike filepath.Dir, follows a link before a ..
	if err != nil {
		return err
	}
	places := []string{filepath.Join(folder, name)}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		places = append(places, target)
	}
	for _, place := range places {
		if place, err = filepath.Abs(place); err != nil {
			return err
		}
		if kind, dir := keeper(place); kind != "" {
			return fmt.Errorf("%s belongs to what engram keeps in the %s %s, which would be lost: name another file",
				path, kind, dir)
		}
	}
	return nil
}

// keeper returns the kind and the path of the folder in which engram keeps the file at an absolute path without links,
// or "" if it keeps it in none.
func keeper(place string) (kind, dir string) {
	for dir, first := filepath.Split(place); first != ""; dir, first = filepath.Split(dir) {
		dir = filepath.Clean(dir)
		for _, kind := range folderKinds {
			if slices.Contains(kind.keeps, first) && kind.is(dir) {
				return kind.name, dir
			}
		}
	}
	return "", ""
}

// notMany returns an error if a folder in the place of a run is a suite or a study, which has the command of each kind,
// a format of the folder, and what that does.
func notMany(dir, does, ofSuite, ofStudy string) error {
	command := map[string]string{"suite": ofSuite, "study": ofStudy}[kindOf(dir)]
	if command == "" {
		return nil
	}
	return fmt.Errorf("%s is a %s, not a run: 'engram %s' %s it", dir, kindOf(dir),
		fmt.Sprintf(command, plain.Path(dir)), does)
}
