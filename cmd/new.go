package cmd

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"unicode"

	"github.com/spf13/cobra"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"engram/internal/durable"
	"engram/internal/plain"
)

//go:embed skeleton
var skeleton embed.FS

// skeletonFiles are the files of a folder of one's own, and what of the skeleton they are made from; go.mod and go.sum
// are made from the clone's.
var skeletonFiles = map[string]string{
	"main.go": "main.go.txt", "task/task.go": "task.go.txt", "task/task_test.go": "task_test.go.txt",
	"study.json": "study.json", "recall.ipynb": "recall.ipynb", "README.md": "README.md", ".gitignore": "gitignore.txt",
}

func newNew() *cobra.Command {
	c := &cobra.Command{
		Use:   "new DIR",
		Short: "Make a folder of your own: a task, a notebook that trains it, a sweep",
		Long: `Make a folder for work of your own: a Go module that finds engram in its clone, with a task, a notebook
that trains an agent on it, a study for a sweep, and a README. 'go run .' in it is the command engram that knows the
folder's tasks, in suites, sweeps and workers, too.`,
		Example: `  engram new ~/paper
  cd ~/paper
  go run . train --task Recall --hidden 32 --updates 400 --run runs/first
  go run . lab`,
		Args: arguments("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			clone, err := cloneFolder()
			if err != nil {
				return err
			}
			name, err := makeFolder(args[0], clone)
			if err != nil {
				return err
			}
			if wantsJSON(c) {
				return printObject(c.OutOrStdout(), newFolder{args[0], name, clone})
			}
			steps := []string{"cd " + plain.Path(args[0]),
				"go run . train --task Recall --hidden 32 --updates 400 --run runs/first", "go run . lab"}
			if _, experiment, found := strings.Cut(runtime.Version(), "-X:"); found {
				steps = slices.Insert(steps, 1, "export GOEXPERIMENT="+experiment+
					"   # as engram was built: nothing is compiled twice, and numbers are the same")
			}
			if found := workspace(args[0]); found != "" { // without it, Go would not compile the folder
				steps = slices.Insert(steps, 1,
					"go work use .   # or 'export GOWORK=off': it lies in the workspace "+found)
			}
			said := fmt.Sprintf("%s: module %s, with engram of %s\n", plain.Text(args[0]), name, plain.Text(clone))
			for _, step := range steps {
				said += fmt.Sprintf("  %s\n", plain.Text(step))
			}
			_, err = io.WriteString(c.OutOrStdout(), said)
			return err
		},
	}
	addJSON(c, "print the folder, its module and engram's folder as one JSON object")
	return c
}

// newFolder is the JSON object of 'new'.
type newFolder struct {
	Folder string `json:"folder"`
	Module string `json:"module"`
	Engram string `json:"engram"` // the folder of engram that the module uses
}

// makeFolder makes a folder of one's own, which must not exist or be empty, and returns the name of its module.
func makeFolder(dir, clone string) (name string, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if strings.ContainsFunc(dir+clone, unicode.IsControl) {
		return "", fmt.Errorf("invalid folder %q: use a path without control characters", dir)
	}
	isRepository := func(e fs.DirEntry) bool { return e.Name() == ".git" }
	switch found, err := os.ReadDir(dir); {
	case err == nil && len(slices.DeleteFunc(found, isRepository)) > 0:
		return "", fmt.Errorf("%s is not empty: use a new folder", dir)
	case errors.Is(err, syscall.ENOTDIR):
		return "", fmt.Errorf("%s is, or lies below, a file: use a new folder", dir)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	name = moduleName(filepath.Base(dir))
	files, err := ownFiles(dir, clone, name)
	if err != nil {
		return "", err
	}
	for path, data := range files {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); errors.Is(err, fs.ErrPermission) {
			return "", fmt.Errorf("%w: use a folder in one that you can write", err)
		} else if err != nil {
			return "", err
		}
		if err := durable.ReplaceBytes(path, data); err != nil {
			return "", err
		}
	}
	return name, nil
}

// ownFiles returns the content of each file of a new folder.
func ownFiles(dir, clone, name string) (map[string][]byte, error) {
	goMod, err := ownModule(clone, name)
	if err != nil {
		return nil, err
	}
	const limit = 16 << 20 // far more than a go.sum has
	goSum, err := durable.Read(filepath.Join(clone, "go.sum"), limit)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{"go.mod": goMod, "go.sum": goSum}
	fill := strings.NewReplacer("MODULE", name, "NAME", markdown(filepath.Base(dir)), "CLONE", markdown(clone))
	for path, source := range skeletonFiles {
		text, err := skeleton.ReadFile("skeleton/" + source)
		if err != nil {
			return nil, err
		}
		files[path] = []byte(fill.Replace(string(text)))
	}
	return files, nil
}

// ownModule returns the go.mod of a module that requires engram, taken from the clone, and all that engram requires.
func ownModule(clone, name string) ([]byte, error) {
	const limit = 1 << 20
	path := filepath.Join(clone, "go.mod")
	text, err := durable.Read(path, limit)
	if err != nil {
		return nil, err
	}
	file, err := modfile.Parse(path, text, nil)
	if err != nil {
		return nil, err
	}
	for _, tool := range slices.Clone(file.Tool) {
		if err := file.DropTool(tool.Path); err != nil {
			return nil, err
		}
	}
	requirements := make([]*modfile.Require, 0, len(file.Require)+1)
	for _, r := range file.Require {
		requirements = append(requirements, &modfile.Require{Mod: r.Mod, Indirect: true})
	}
	requirements = append(requirements, &modfile.Require{Mod: module.Version{Path: "engram", Version: "v0.0.0"}})
	file.SetRequireSeparateIndirect(requirements)
	if err := errors.Join(file.AddModuleStmt(name), file.AddReplace("engram", "", clone, "")); err != nil {
		return nil, err
	}
	file.Cleanup()
	return file.Format()
}

// workspace returns the go.work of the Go workspace around a folder; empty if there is none, or the user chose one.
func workspace(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil || os.Getenv("GOWORK") != "" {
		return ""
	}
	for {
		file := filepath.Join(dir, "go.work")
		if _, err := os.Stat(file); err == nil {
			return file
		}
		above := filepath.Dir(dir)
		if above == dir {
			return ""
		}
		dir = above
	}
}

// moduleName returns the path of the module of a folder with that name: "own/" and what of the name a path may have, so
// that it is never that of engram or of Go's library.
func moduleName(base string) string {
	name := strings.Map(func(r rune) rune {
		switch r = unicode.ToLower(r); {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		case r == ' ' || r == '-' || r == '.':
			return '-'
		}
		return -1
	}, base)
	name = strings.Trim(name, "-_")
	switch name {
	case "":
		name = "work"
	case "internal", "vendor", "testdata": // have a meaning for Go
		name += "-work"
	}
	return "own/" + name
}

// markdown returns a file's name as text for Markdown.
func markdown(name string) string {
	return strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, "#", `\#`,
		"(", `\(`, ")", `\)`).Replace(name)
}
