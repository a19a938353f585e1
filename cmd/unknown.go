package cmd

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"engram/drqn"
)

// unknownHyperparameter returns the flag that a command lacks. If it is a hyperparameter, which only train has as a
// flag, is reports that and name is the hyperparameter's.
func unknownHyperparameter(err error) (flag, name string, is bool) {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return "", "", false
	}
	flag = unknown.GetSpecifiedName()
	name = strings.ReplaceAll(flag, "-", "_")
	return flag, name, slices.ContainsFunc(drqn.Fields(), func(f drqn.Field) bool { return f.Name == name })
}

// valueOf returns the value that a command line gives to a flag, or VALUE if it gives none.
func valueOf(flag string, line []string) string {
	for i, text := range line {
		if value, found := strings.CutPrefix(text, "--"+flag+"="); found {
			return value
		}
		if text == "--"+flag && i+1 < len(line) && !strings.HasPrefix(line[i+1], "--") {
			return line[i+1]
		}
	}
	return "VALUE"
}
