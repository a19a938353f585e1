package drqn

import "fmt"

// mostMatched bounds the hidden units that Matched tries.
const mostMatched = 4096

// Matched returns the config with the number of hidden units whose network has the number of trainable parameters that
// is nearest to the given one, the smaller of two that are equally near. Cells can then be compared at the same size.
func (c Config) Matched(parameters int) (Config, error) {
	below, above := 1, mostMatched // the number of parameters rises with the hidden units
	for below < above {
		middle := (below + above) / 2
		n, err := c.trainableWith(middle)
		if err != nil {
			return c, err
		}
		if n < parameters {
			below = middle + 1
		} else {
			above = middle
		}
	}
	larger, err := c.trainableWith(below)
	if err != nil {
		return c, err
	}
	if larger < parameters {
		return c, fmt.Errorf("cell %s cannot have %d trainable parameters: with %d hidden units it has %d: use a "+
			"smaller agent to match", c.Cell, parameters, mostMatched, larger)
	}
	if below > 1 {
		smaller, err := c.trainableWith(below - 1)
		if err != nil {
			return c, err
		}
		if parameters-smaller <= larger-parameters {
			below--
		}
	}
	c.Hidden = below
	return c, nil
}

// trainableWith returns the number of trainable parameters with so many hidden units.
func (c Config) trainableWith(hidden int) (int, error) {
	c.Hidden = hidden
	return c.Trainable()
}
