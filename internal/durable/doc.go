// Package durable reads and writes files that must survive: a file is replaced whole or not at all, its permissions
// follow the umask, and a reader opens nothing that is not a regular file of a bounded size.
package durable
