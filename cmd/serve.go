package cmd

import (
	"github.com/spf13/cobra"

	"engram/bridge"
	"engram/internal/plain"
)

func newServe() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Let a program of Python step tasks, over stdin and stdout",
		Long: `Let a program of Python step tasks, over stdin and stdout: engram.Env and
engram.VectorEnv of the package in python/ start it. The first line of stdin is a JSON object such as

  {"protocol": 1, "name": "GoNogo", "options": {}, "environments": 8}

and its answer a line that describes the task. Then each frame is answered with one: kind (1 byte), length of the body
(4 bytes) and body, little-endian. Kind 0 resets an environment (its number, 4 bytes; a seed, 8 bytes), kind 1 takes an
action in each (4 bytes; -1 leaves it as it is). The answer's kind is 0, and its body has of all environments the
observations (float32), rewards (float32), ground truths (int32), and flags (1 byte: 1 terminated, 2 truncated, 4 end of
a trial, 8 answered correctly, 16 has a ground truth); or 1, and its body is a JSON object with the error. It ends with
stdin.`,
		Example: `  echo '{"protocol": 1, "list": true}' | engram tasks serve`,
		Args:    arguments(),
		RunE: func(c *cobra.Command, _ []string) error {
			out := c.OutOrStdout()
			if w, escapes := out.(*plain.Writer); escapes {
				out = w.Out // frames are bytes, not text
			}
			return bridge.Serve(c.InOrStdin(), out)
		},
	}
}
