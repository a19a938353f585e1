package cmd

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"engram/drqn"
	"engram/internal/durable"
)

// hyperparameters are the flags made from drqn.Config: a preset or a file, and single values over it.
type hyperparameters struct {
	preset, file string
	asked        map[string]string // texts by name
}

// addTo adds a flag for every hyperparameter; its help is the field's.
func (h *hyperparameters) addTo(c *cobra.Command) {
	c.Flags().StringVar(&h.preset, "preset", "default",
		"hyperparameters to begin with: "+strings.Join(drqn.PresetNames(), ", "))
	c.Flags().StringVar(&h.file, "config", "",
		"JSON `file` of hyperparameters to set over the preset, such as a run's config.json; - reads standard input")
	defaults, err := drqn.Preset("default")
	if err != nil {
		panic(err) // the name is one of PresetNames
	}
	for _, f := range drqn.Fields() {
		help := f.Help
		if text := defaults.Text(f.Name); text != "" {
			help += fmt.Sprintf(" (default %s)", text)
		}
		if f.Source != "-" {
			help += " [" + f.Source + "]"
		}
		flag := c.Flags().VarPF(&hyperparameterFlag{h, f}, strings.ReplaceAll(f.Name, "_", "-"), "", help)
		if f.Kind == "bool" {
			flag.NoOptDefVal = "true"
		}
	}
}

// hyperparameterFlag is the flag of one field.
type hyperparameterFlag struct {
	all   *hyperparameters
	field drqn.Field
}

var _ pflag.Value = (*hyperparameterFlag)(nil)

func (f *hyperparameterFlag) String() string { return "" }
func (f *hyperparameterFlag) Type() string   { return f.field.Kind }

// Set notes the value; a text of the wrong type is a usage error.
func (f *hyperparameterFlag) Set(text string) error {
	if err := new(drqn.Config).Set(f.field.Name, text); err != nil {
		return err
	}
	if f.all.asked == nil {
		f.all.asked = map[string]string{}
	}
	f.all.asked[f.field.Name] = text
	return nil
}

// openConfig opens the file of hyperparameters: standard input for -, and what a shell hands over as an open file, as
// <(command) does. Any other path must be a regular file.
func openConfig(path string) (*os.File, error) {
	switch {
	case path == "-":
		return os.Stdin, nil
	case strings.HasPrefix(path, "/dev/fd/") || strings.HasPrefix(path, "/proc/self/fd/"):
		return os.Open(path)
	}
	return durable.Open(path)
}

// config returns the hyperparameters that the flags choose, checked.
func (h *hyperparameters) config() (drqn.Config, error) {
	c, err := drqn.Preset(h.preset)
	if err != nil {
		return c, err
	}
	if h.file != "" {
		file, err := openConfig(h.file)
		if err != nil {
			return c, fmt.Errorf("config: %w", err)
		}
		defer file.Close()
		if c, err = drqn.DecodeConfig(file, c); err != nil {
			return c, fmt.Errorf("%s: %w", h.file, err)
		}
	}
	return drqn.Assemble(c, h.asked)
}
