package bridge

import (
	"os"
	"syscall"
)

// prompt reads a pipe without sleep at first. A process that sleeps wakes some 50 us after its input came, on a machine
// whose cores sleep with it; the other side answers sooner. worker.py does the same.
type prompt struct {
	file *os.File
	raw  syscall.RawConn
}

func newPrompt(file *os.File) (*prompt, error) {
	raw, err := file.SyscallConn()
	return &prompt{file, raw}, err
}

// Read implements io.Reader.
func (p *prompt) Read(into []byte) (int, error) {
	_ = p.raw.Control(waitAwake) // fails on a closed file, as what follows does
	return p.file.Read(into)
}
