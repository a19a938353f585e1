package gpu

import (
	"strings"
	"testing"
)

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

func TestCheckMemory(t *testing.T) {
	if err := CheckMemory(1024, 80e9, 80e9); err != nil {
		t.Error(err)
	}
	err := CheckMemory(1024, 102.4e9, 80e9)
	if err == nil {
		t.Fatal("102 GB were taken to fit into 80")
	}
	for _, want := range []string{"1024 members", "102.4 GB", "80.0 GB", "at most 800 together"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}
