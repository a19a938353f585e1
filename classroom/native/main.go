// Command native answers the requests of the classroom's page without a browser: one line "NAME INPUT" each, with the
// input as JSON, and one line of JSON as the answer. The same requests must give the same answers in the page.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"engram/classroom/lesson"
	"engram/gobackend"
)

func main() {
	if err := answer(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// answer answers the lines of in, in their order.
func answer(in io.Reader, out io.Writer) error {
	backend, err := gobackend.Open()
	if err != nil {
		return err
	}
	room, lines := lesson.NewRoom(backend), bufio.NewScanner(in)
	for lines.Scan() {
		name, input, _ := strings.Cut(lines.Text(), " ")
		answered, err := room.Ask(name, []byte(input))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "%s\n", answered); err != nil {
			return err
		}
	}
	return lines.Err()
}
