package drqn

// Epsilon is the probability of a random action after a number of updates: it falls linearly from
// exploration_start to exploration_end over exploration_fraction of the run's updates.
func (c Config) Epsilon(updates int64) float64 {
	falling := c.ExplorationFraction * float64(c.Updates)
	if float64(updates) >= falling {
		return c.ExplorationEnd
	}
	return c.ExplorationStart + (c.ExplorationEnd-c.ExplorationStart)*float64(updates)/falling
}
