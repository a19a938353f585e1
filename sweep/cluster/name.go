package cluster

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// longestName leaves room for what engines add to a job's name, within the 63 letters that Kubernetes accepts.
const longestName = 52

// name matches the job names that every engine accepts; Kubernetes is the strictest.
var name = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$`)

// NameOf returns a job name for a study's directory that every engine accepts: other characters become a dash, and a
// name that is too long is shortened and gets a hash of the directory's name.
func NameOf(study string) string {
	base := filepath.Base(study)
	letters := regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(base), "-")
	name := strings.TrimRight("sweep-"+strings.Trim(letters, "-"), "-")
	if len(name) <= longestName {
		return name
	}
	hash := fmt.Sprintf("-%.4x", sha256.Sum256([]byte(base)))
	return strings.TrimRight(name[:longestName-len(hash)], "-") + hash
}

// checkName returns an error where an engine would not accept a job's name.
func checkName(text string) error {
	if !name.MatchString(text) {
		return fmt.Errorf("invalid job name %q: use --name with lower-case letters, digits and -, a letter first and "+
			"%d at most", text, longestName)
	}
	return nil
}
