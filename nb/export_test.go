package nb

// ForTests lets TestMain do something at the end.
func ForTests(last func()) { atEnd = append(atEnd, last) }

var atEnd []func()
