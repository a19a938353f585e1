package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"engram/internal/sysinfo"
)

func newLab() *cobra.Command {
	return &cobra.Command{
		Use:   "lab [DIR] [-- JUPYTERLAB'S FLAGS]",
		Short: "Open JupyterLab on a folder, with Go as the language of its cells",
		Long: `Open JupyterLab on a folder. engram's notebooks lie in it as copies, in DIR/notebooks: a copy is never
overwritten, and a newer version of engram's is put beside it under another name. Without DIR it opens work/ in the
clone, which git ignores; in a folder of 'engram new', that folder.

The first time it installs JupyterLab into the clone's .venv, which takes minutes and shows how far it is; after that no
network is needed.`,
		Example: `  engram lab
  engram lab ~/paper
  engram lab ~/paper -- --no-browser --port 9000`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			dirs, flags := args, []string(nil)
			if dash := c.ArgsLenAtDash(); dash >= 0 {
				dirs, flags = args[:dash], args[dash:]
			}
			if len(dirs) > 1 {
				return usageError{fmt.Errorf("%s takes one DIR, not %q: see '%s --help'", c.CommandPath(), dirs,
					c.CommandPath())}
			}
			clone, err := cloneFolder()
			if err != nil {
				return err
			}
			if dirs, err = labFolder(dirs); err != nil {
				return err
			}
			script := filepath.Join(clone, "scripts", "lab.sh")
			line := slices.Concat([]string{script}, dirs, flags)
			return fmt.Errorf("%s: %w", script, syscall.Exec(script, line, os.Environ()))
		},
	}
}

// labFolder returns the absolute path of the folder to open. Without one it is, for the program of a folder of one's
// own, that folder; otherwise the script chooses.
func labFolder(dirs []string) ([]string, error) {
	if len(dirs) == 0 {
		working, err := os.Getwd()
		if own := nearest(working, isModule); err == nil && own != "" && sysinfo.Sources() != "" {
			return []string{own}, nil
		}
		return nil, err
	}
	dir, err := filepath.Abs(dirs[0])
	if err != nil {
		return nil, err
	}
	switch info, err := os.Stat(dir); {
	case err != nil:
		return nil, fmt.Errorf("%w: make it, or use 'engram new' for a folder with a task of your own", err)
	case !info.IsDir():
		return nil, fmt.Errorf("%s is not a folder: use one", dir)
	}
	return []string{dir}, nil
}
