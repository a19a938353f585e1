package export

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"

	"engram/lab"
)

// safetensorsFile returns the weights in the format of Hugging Face: the header's length, the header in JSON, padded to
// eight bytes, then the numbers, little-endian. The metadata are the config and the update.
func safetensorsFile(r *lab.Run) ([]file, error) {
	policy, update, err := r.Policy()
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(r.Config)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", r.Dir, err)
	}
	type entry struct {
		Type    string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"` // of the first byte and after the last
	}
	header := map[string]any{"__metadata__": map[string]string{"config": string(config),
		"update": strconv.FormatInt(update, 10)}}
	var data []byte
	for _, t := range policy.Tensors() {
		start := len(data)
		if data, err = binary.Append(data, binary.LittleEndian, t.Data); err != nil {
			return nil, fmt.Errorf("run %s: %s: %w", r.Dir, t.Name, err)
		}
		header[t.Name] = entry{"F32", append([]int{}, t.Shape...), [2]int{start, len(data)}}
	}
	text, err := json.Marshal(header)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", r.Dir, err)
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	out := append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...)
	return []file{{name: "weights.safetensors", data: append(out, data...)}}, nil
}
