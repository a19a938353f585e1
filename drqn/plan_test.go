package drqn

import "testing"

// TestDeviceBytes: an agent takes what its arrays hold, counted by hand, and members take the same each.
func TestDeviceBytes(t *testing.T) {
	c := preset(t, "default")
	c.Task, c.Hidden, c.Readout, c.Batch, c.Window, c.Input, c.InputSize = "GoNogo", 10, 0, 2, 11, InputIdentity, 0
	one, err := c.DeviceBytes(1)
	if err != nil {
		t.Fatal(err)
	}
	// 12 observations of 3; 10 units with 3 weights and a bias, eta and lambda, 2 actions; 3 chunks' borders of 10 x 3.
	const parameters = 10*4 + 2 + 2*11
	want := 4. * (8*parameters + 2*12*9 + 2*(12*60+2*12*6*10+2*3*30))
	if one != want {
		t.Errorf("%v bytes, want %v", one, want)
	}
	if many, err := c.DeviceBytes(1024); err != nil || many != 1024*one {
		t.Errorf("1024 members take %v bytes, one %v: %v", many, one, err)
	}
	c.Task = "typo"
	if _, err := c.DeviceBytes(1); err == nil {
		t.Error("a task that does not exist was taken")
	}
}
