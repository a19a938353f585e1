package backend

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
)

// checkLibrary returns an error where a shared library is not one, or is cut short: loading that would kill the
// process by a bus error.
func checkLibrary(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	library, err := elf.NewFile(file)
	var malformed *elf.FormatError
	if errors.As(err, &malformed) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it is not a shared library, or only a part of one")
	} else if err != nil {
		return err
	}
	for _, segment := range library.Progs {
		if end := segment.Off + segment.Filesz; end > uint64(info.Size()) {
			return fmt.Errorf("it is cut short: %d bytes of at least %d", info.Size(), end)
		}
	}
	return nil
}
