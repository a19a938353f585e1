package lock

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Holder says which process holds a lock: the content of the file.
type Holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
	// Boot, Namespace and Started tell the process from another of the same number: the machine's start, the
	// processes that see each other, and the process's start, as Linux gives them; empty elsewhere.
	Boot      string `json:"boot,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	Started   string `json:"started,omitempty"`

	beat time.Time // last sign of life, by the file system's clock
}

// Self is this process.
func Self() Holder {
	host, _ := os.Hostname()
	h := Holder{PID: os.Getpid(), Host: host, Since: time.Now().Truncate(time.Second), Boot: Boot()}
	h.Started, _ = started("self")
	h.Namespace, _ = os.Readlink("/proc/self/ns/pid")
	return h
}

// Is reports whether two holders are one process; what one of them does not say is not compared.
func (h Holder) Is(other Holder) bool {
	agree := func(a, b string) bool { return a == b || a == "" || b == "" }
	return h.PID == other.PID && h.Host == other.Host && h.Boot == other.Boot &&
		agree(h.Namespace, other.Namespace) && agree(h.Started, other.Started)
}

// started is the start of a process in clock ticks since the machine's, field 22 of /proc/PID/stat; empty where it
// has died and is not yet waited for. An error: it cannot be seen.
func started(pid string) (string, error) {
	data, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return "", err
	}
	text := string(data)
	fields := strings.Fields(text[strings.LastIndex(text, ")")+1:]) // after the name, which may hold anything
	if len(fields) < 20 {
		return "", errors.New("/proc/" + pid + "/stat has too few fields")
	}
	if fields[0] == "Z" || fields[0] == "X" {
		return "", nil
	}
	return fields[19], nil
}

// alive reports whether the process still lives, and how that is known. now is asked for the file system's time where
// that matters.
func (h Holder) alive(now func() time.Time) (alive bool, why string) {
	me := Self()
	if h.PID > 0 && h.Boot != "" && h.Boot == me.Boot && h.Namespace != "" && h.Namespace == me.Namespace {
		if alive, known := h.runs(); known {
			return alive, "it runs"
		}
	}
	if h.PID > 0 && h.Boot == "" && me.Boot != "" && h.Host == me.Host { // of an earlier version, without signs of life
		if alive, known := h.runs(); known {
			return alive, "it runs"
		}
	}
	return h.beats(now())
}

// runs asks the kernel whether the process runs on this machine; known is false where it does not say. Where /proc
// hides the processes of other users (hidepid), the signal 0 tells one that lives, as not permitted.
func (h Holder) runs() (alive, known bool) {
	if inProc, err := os.Readlink("/proc/self"); err == nil && inProc == strconv.Itoa(os.Getpid()) {
		if begun, err := started(strconv.Itoa(h.PID)); err == nil {
			return begun != "" && (h.Started == "" || begun == h.Started), true
		}
	}
	switch err := syscall.Kill(h.PID, 0); {
	case errors.Is(err, syscall.ESRCH):
		return false, true
	case errors.Is(err, syscall.EPERM):
		return true, true
	}
	return false, false
}

// beats reports whether the holder gave a sign of life of late. One from a time that is yet to come is none: a living
// holder gives one by the file system's clock every Beat.
func (h Holder) beats(now time.Time) (alive bool, why string) {
	silent := now.Sub(h.beat)
	return recent(h.beat, now, Silence),
		fmt.Sprintf("its last sign of life was %s ago; after %s without one it may be taken over",
			max(0, silent).Round(time.Second), Silence)
}
