package drqn

import (
	"encoding/json"
	"fmt"
)

// Settings are hyperparameters by name, as texts that Config.Set reads; a file may also hold numbers, truth values and
// objects.
type Settings map[string]string

// UnmarshalJSON reads an object of texts and other values.
func (s *Settings) UnmarshalJSON(data []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return fmt.Errorf("\"set\" is an object of hyperparameters, not %s", data)
	}
	*s = Settings{}
	for name, value := range raw {
		text := string(value)
		if text[0] == '"' {
			if err := json.Unmarshal(value, &text); err != nil {
				return err
			}
		}
		(*s)[name] = text
	}
	return nil
}
