package durable

import "errors"

// Free returns an error: a web page cannot ask for the room of its files.
func Free(string) (float64, error) { return 0, errors.ErrUnsupported }
