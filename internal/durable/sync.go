package durable

import (
	"errors"
	"syscall"
)

// ignoreUnsupported drops the errors of a file system that does not flush directories.
func ignoreUnsupported(err error) error {
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}
