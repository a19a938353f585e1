package bridge

// Forget forgets all descriptions, as a process that begins has none.
func Forget() {
	CloseIdle()
	known.Lock()
	defer known.Unlock()
	clear(known.of)
}
