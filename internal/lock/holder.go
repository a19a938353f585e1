package lock

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
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

// self is this process.
func self() Holder {
	host, _ := os.Hostname() // for the message only
	h := Holder{PID: os.Getpid(), Host: host, Since: time.Now().Truncate(time.Second), Started: started("self")}
	if boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil {
		h.Boot = strings.TrimSpace(string(boot))
	}
	h.Namespace, _ = os.Readlink("/proc/self/ns/pid")
	return h
}

// started is the start of a process in clock ticks since the machine's, field 22 of /proc/PID/stat; empty where there
// is no such process, or it has died and is not yet waited for.
func started(pid string) string {
	data, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return ""
	}
	text := string(data)
	fields := strings.Fields(text[strings.LastIndex(text, ")")+1:]) // behind the name, which may hold anything
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return ""
	}
	return fields[19]
}

// alive says whether the process still lives, and how that is known. own is a file just written, of which the time is
// the file system's now; without one, this machine's clock has to do.
func (h Holder) alive(own string) (alive bool, why string) {
	me := self()
	if h.Boot != "" && h.Boot == me.Boot && h.Namespace != "" && h.Namespace == me.Namespace {
		return h.Started == started(strconv.Itoa(h.PID)), "it runs"
	}
	if h.Boot == "" && me.Boot != "" && h.Host == me.Host { // of an earlier version, which gave no signs of life
		return started(strconv.Itoa(h.PID)) != "", "it runs"
	}
	now := time.Now()
	if info, err := os.Stat(own); own != "" && err == nil {
		now = info.ModTime()
	}
	silent := now.Sub(h.beat)
	return silent < Silence, fmt.Sprintf("its last sign of life was %s ago; after %s without one it may be taken over", max(0, silent).Round(time.Second), Silence)
}

// writeOwn writes this process into a file of a name of its own, to be linked to.
func writeOwn(dir string) (path string, err error) {
	data, err := json.Marshal(self())
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, ownPattern)
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}
