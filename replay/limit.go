package replay

// SnapshotLimit returns the largest size in bytes that a snapshot of a ring with these options has: that of its arrays
// and priorities, and some for headers and checksums.
func (o Options) SnapshotLimit() int64 {
	const rest = 1 << 20
	return int64(o.bytes()+o.priorityBytes()) + rest
}
