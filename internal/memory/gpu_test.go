package memory

import "testing"

func TestParseMemory(t *testing.T) {
	if bytes, err := parseMemory("80995\n40000\n"); err != nil || bytes != 80995<<20 {
		t.Errorf("%v, %v", bytes, err)
	}
	for _, said := range []string{"", "[N/A]\n", "-1\n", "NVIDIA-SMI has failed\n"} {
		if _, err := parseMemory(said); err == nil {
			t.Errorf("%q was read", said)
		}
	}
}
