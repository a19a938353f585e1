package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrNoObject is wrapped by the error of text that does not begin with an object's brace.
var ErrNoObject = errors.New(`use an object in braces, such as {"NAME": VALUE}`)

// check returns an error unless data is the text of one JSON object.
func check(data []byte) error {
	start := bytes.TrimSpace(data)
	switch {
	case len(start) == 0:
		return fmt.Errorf("invalid JSON, no text: %w", ErrNoObject)
	case start[0] == '[':
		return fmt.Errorf("invalid JSON, an array: %w", ErrNoObject)
	case start[0] != '{':
		return fmt.Errorf("invalid JSON, it begins with %q: %w", firstRune(start), ErrNoObject)
	}
	var wrong *json.SyntaxError
	if err := json.Unmarshal(data, new(json.RawMessage)); errors.As(err, &wrong) {
		at := min(max(int(wrong.Offset)-1, 0), len(data)-1)
		return fmt.Errorf("invalid JSON in line %d: %s", 1+bytes.Count(data[:at], []byte("\n")),
			remedy(data, at, wrong.Error()))
	} else if err != nil {
		return err
	}
	return nil
}

// remedy describes what is wrong at a byte of a text, and what to write there. message is the one of encoding/json.
func remedy(data []byte, at int, message string) string {
	word, begins := wordAt(data, at)
	before := bytes.TrimRight(data[:at], " \t\r\n")
	char := firstRune(data[at:])
	is := func(part string) bool { return strings.Contains(message, part) }
	switch {
	case is("after top-level value"):
		return "there is text after the JSON object: leave it out"
	case is("unexpected end"), word != "" && at == len(data)-1:
		return "the text ends too early: close what is open, or copy the whole text"
	case is("numeric literal") && word == "" && at > 0: // a number that ends too early, as in 5.}
		word, _ = wordAt(data, at-1)
		return wordRemedy(word)
	case is("in string literal"):
		return `a text has a line break or a control character: close its quotes, or write \n`
	case is("in string escape"):
		return `a backslash begins no known escape: write \\ for a backslash`
	case char == '/' || char == '#':
		return "JSON has no comments: leave it out"
	case strings.ContainsRune("'`‘’“”„«»", char):
		return fmt.Sprintf(`%c is no quote of JSON: use "double quotes"`, char)
	case (char == '}' || char == ']') && bytes.HasSuffix(before, []byte(",")):
		return fmt.Sprintf("a comma stands before %c: leave it out", char)
	case (char == '}' || char == ']' || char == ',') && is("beginning of value"):
		return fmt.Sprintf("a value is missing before %c: write one", char)
	case is("object key string") && word != "":
		return fmt.Sprintf(`the name %s has no quotes: write "%s"`, word, word)
	case is("after object key:value pair") && begins == at, is("after array element") && begins == at:
		return fmt.Sprintf("%q follows a value: write a comma between two, and a bracket after the last", char)
	case is("after object key") && !is("key:value"):
		return fmt.Sprintf("%q follows a name: write a colon and a value", char)
	case word != "":
		return wordRemedy(word)
	}
	return fmt.Sprintf("%q is not expected here: use a value, a name or a bracket", char)
}

// wordRemedy describes what is wrong with a word in a value's place, and what to write.
func wordRemedy(word string) string {
	switch bare := strings.TrimLeft(word, "+-"); strings.ToLower(bare) {
	case "nan", "inf", "infinity":
		return fmt.Sprintf("%s is no number in JSON: use a finite number, or leave the field out", word)
	case "true", "false", "none", "null", "undefined":
		return fmt.Sprintf("%s is no value in JSON: use true, false or null, in small letters", word)
	}
	if strings.IndexAny(word, "+-.0123456789") == 0 {
		return fmt.Sprintf("%s is no number in JSON: write it as 12, -0.5 or 1e-3", word)
	}
	return fmt.Sprintf(`%s has no quotes: write "%s"`, word, word)
}

// wordAt returns the number or word that data has at a byte, at most 40 bytes long, and where it begins; "" and at
// without one.
func wordAt(data []byte, at int) (word string, begins int) {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-."
	inWord := func(i int) bool { return strings.IndexByte(letters, data[i]) >= 0 }
	from, to := at, at
	for from > max(0, at-20) && inWord(from-1) {
		from--
	}
	for to < min(len(data), at+20) && inWord(to) {
		to++
	}
	if to == at {
		return "", at
	}
	return string(data[from:to]), from
}

func firstRune(data []byte) rune {
	r, _ := utf8.DecodeRune(data)
	return r
}
