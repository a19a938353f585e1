package backend

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"engram/internal/durable"
)

// sumExtension is what follows a plugin's name in that of the file where setup recorded its SHA-256.
const sumExtension = ".sha256"

// sumLimit is more than the bytes of such a file.
const sumLimit = 4096

// checkSum returns an error where a plugin is not what setup installed: code that is damaged kills the process. A
// plugin without a recorded sum is taken as it is.
//
// Hashing the 274 MB takes two seconds, and is left out where the file has the size and time of change that it had when
// it was hashed before: by setup, which records them in a comment below the sum; by this process; or by another one of
// the user, which left them in the cache folder.
func checkSum(plugin string) error {
	recorded, err := durable.Read(plugin+sumExtension, sumLimit)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	sum := string(recorded[:min(len(recorded), hex.EncodedLen(sha256.Size))])
	if raw, err := hex.DecodeString(sum); err != nil || len(raw) != sha256.Size {
		return fmt.Errorf("%s does not begin with a SHA-256", plugin+sumExtension)
	}
	stamp, err := stampOf(plugin)
	if err != nil {
		return err
	}
	verified := sum + " " + stamp
	if slices.Contains(strings.Split(string(recorded), "\n"), "# "+stamp) || wasVerified(plugin, verified) {
		return nil
	}
	actual, err := hashFile(plugin)
	if err != nil {
		return err
	}
	if actual != sum {
		return fmt.Errorf("it is damaged: its SHA-256 begins with %.12s, at install with %.12s", actual, sum)
	}
	keepVerified(plugin, verified)
	return nil
}

// stampOf returns the size and the time of change of a file, as setup writes them.
func stampOf(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	changed := info.ModTime()
	return fmt.Sprintf("%d %d.%09d", info.Size(), changed.Unix(), changed.Nanosecond()), nil
}

func hashFile(path string) (string, error) {
	file, err := durable.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// verifiedHere holds, by plugin, what this process verified.
var verifiedHere sync.Map

// wasVerified reports whether a plugin was found whole with this sum and stamp.
func wasVerified(plugin, verified string) bool {
	if before, found := verifiedHere.Load(plugin); found && before == verified {
		return true
	}
	path := verifiedFile(plugin)
	if path == "" {
		return false
	}
	text, err := durable.Read(path, sumLimit)
	return err == nil && string(text) == verified
}

// keepVerified keeps that a plugin was found whole, in the cache folder, too, where that can be written.
func keepVerified(plugin, verified string) {
	verifiedHere.Store(plugin, verified)
	if path := verifiedFile(plugin); path != "" && os.MkdirAll(filepath.Dir(path), 0o700) == nil {
		_ = durable.ReplaceBytes(path, []byte(verified)) // without it the next process hashes again
	}
}

// verifiedFile returns the file in which it is kept; "" without a home.
func verifiedFile(plugin string) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	name := sha256.Sum256([]byte(plugin))
	return filepath.Join(cache, "engram", "plugins", hex.EncodeToString(name[:]))
}
