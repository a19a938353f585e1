// Package durable writes files that must survive a crash, and reads files that may be damaged. A file is replaced whole
// or not at all, its permissions follow the umask, and readers open regular files of a bounded size only.
package durable
