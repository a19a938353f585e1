package lesson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"engram/internal/strictjson"
)

// Room is the state of one reader's lesson. It is not safe for concurrent use.
type Room struct {
	backend compute.Backend
	answers map[string]answerer
	game    *game  // step 1
	pupil   *pupil // of steps 4 to 6
	broken  *pupil // of step 7, without its repair
	whole   *pupil // and with it
	failing string // the failure that these two have
	swept   *pupil // of step 8
}

// answerer answers a request, given its input as JSON.
type answerer func(input []byte) (Answer, error)

// NewRoom returns the state at the beginning of a lesson.
func NewRoom(backend compute.Backend) *Room {
	r := &Room{backend: backend}
	r.answers = map[string]answerer{
		"play":    to(r.play),
		"ring":    to(ring),
		"example": to(example),
		"cell":    to(cell),
		"loss":    to(r.loss),
		"train":   to(r.train),
		"wipe":    to(r.wipe),
		"break":   to(r.fail),
		"sweep":   to(r.sweep),
	}
	return r
}

// Ask answers the named request. A panic, by which GoMLX reports some failures, is returned as an error.
func (r *Room) Ask(name string, input []byte) (answer []byte, err error) {
	defer func() {
		if failed := recover(); failed != nil {
			err = fmt.Errorf("lesson: %s: %v", name, failed)
		}
	}()
	respond, known := r.answers[name]
	if !known {
		return nil, fmt.Errorf("lesson: unknown request %q: use one of %s", name, strings.Join(r.Names(), ", "))
	}
	a, err := respond(input)
	if err != nil {
		return nil, fmt.Errorf("lesson: %s: %w", name, err)
	}
	return json.Marshal(a)
}

// Names lists the requests that Ask answers.
func (r *Room) Names() []string {
	var names []string
	for name := range r.answers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// to returns the answerer that decodes its input for f. A field that f does not know is an error.
func to[T any](f func(T) (Answer, error)) answerer {
	return func(input []byte) (Answer, error) {
		var base T
		in, err := strictjson.Decode(bytes.NewReader(input), base)
		if err != nil {
			return Answer{}, err
		}
		return f(in)
	}
}
