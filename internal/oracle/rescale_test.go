package oracle

import "testing"

// h(3) = sqrt(4) - 1 + 0.003 = 1.003 and h(-8) = -(sqrt(9) - 1) - 0.008 = -2.008; the inverse leads back.
func TestRescaleByHand(t *testing.T) {
	near(t, "h(3)", Rescale(3), 1.003)
	near(t, "h(-8)", Rescale(-8), -2.008)
	near(t, "h(0)", Rescale(0), 0)
	near(t, "h^-1(1.003)", Unscale(1.003), 3)
	near(t, "h^-1(-2.008)", Unscale(-2.008), -8)
	near(t, "h^-1(0)", Unscale(0), 0)
}
