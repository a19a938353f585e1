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

// Holder describes the process that holds a lock: the content of the lock file.
type Holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
	// Boot, Namespace and Started tell the process from another with the same PID: the boot of the machine, the PID
	// namespace and the start of the process, as Linux has them; empty elsewhere.
	Boot      string `json:"boot,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	Started   string `json:"started,omitempty"`

	beat time.Time // last sign of life, by the file system's clock
}

// Self returns the Holder that describes this process.
func Self() Holder {
	host, _ := os.Hostname()
	h := Holder{PID: os.Getpid(), Host: host, Since: time.Now().Truncate(time.Second), Boot: Boot()}
	h.Started, _ = started("self")
	h.Namespace, _ = os.Readlink("/proc/self/ns/pid")
	return h
}

// Is reports whether two holders are the same process. It does not compare fields that one of them lacks.
func (h Holder) Is(other Holder) bool {
	agree := func(a, b string) bool { return a == b || a == "" || b == "" }
	return h.PID == other.PID && h.Host == other.Host && h.Boot == other.Boot &&
		agree(h.Namespace, other.Namespace) && agree(h.Started, other.Started)
}

// started returns the start of a process in clock ticks since boot, field 22 of /proc/PID/stat; "" if it has died and
// its parent has not yet waited for it. An error means that the process cannot be seen.
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

// alive reports whether the process still lives, and why. It calls now, which returns the file system's time, only
// where the time decides.
func (h Holder) alive(now func() time.Time) (alive bool, why string) {
	me := Self()
	if h.PID > 0 && h.Boot != "" && h.Boot == me.Boot && h.Namespace != "" && h.Namespace == me.Namespace {
		if alive, known := h.runs(); known {
			return alive, "it runs"
		}
	}
	if h.PID > 0 && h.Boot == "" && me.Boot != "" && h.Host == me.Host { // of a version without signs of life
		if alive, known := h.runs(); known {
			return alive, "it runs"
		}
	}
	return h.beats(now())
}

// runs asks the kernel whether the process runs on this machine; known is false if the kernel does not tell. Where
// /proc hides the processes of other users (hidepid), signal 0 still shows a living one: sending it is not permitted.
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

// beats reports whether the holder gave a sign of life within Silence.
func (h Holder) beats(now time.Time) (alive bool, why string) {
	silent := now.Sub(h.beat)
	return recent(h.beat, now, Silence),
		fmt.Sprintf("its last sign of life was %s ago; after %s without one it may be taken over",
			max(0, silent).Round(time.Second), Silence)
}
