package tasks

// Evident is a task whose observations are evidence for one of two answers, which has to be summed.
type Evident interface {
	// Evidence returns what the observation of a step of the trial in hand speaks for: above 0 for the first answer,
	// below 0 for the second.
	Evidence(trial *Trial, step int) float64
}

var _, _ Evident = (*Integration)(nil), (*PerceptualDecisionMaking)(nil)

// Evidence implements Evident: during the stimulus what the first channel shows above the second; 0 for more than two
// directions.
func (t *PerceptualDecisionMaking) Evidence(trial *Trial, step int) float64 {
	if shown := trial.Period("stimulus"); t.Ring != 2 || step < shown.Start || step >= shown.End {
		return 0
	}
	ob := trial.Observation(step)
	return float64(ob[1]) - float64(ob[2])
}
