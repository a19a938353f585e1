package tasks

// TrialDescription is what is known of a trial, or of an episode of an environment without trials, when it begins.
type TrialDescription struct {
	// Params are its parameters by name, as Task.Params has them, or a map of numbers, lists of numbers and texts; nil:
	// none are known.
	Params  any
	Periods []Period
}

// TrialDescriber is an environment that is no Task and describes its current trial, or episode.
type TrialDescriber interface {
	// DescribeTrial returns a description that stays as it is when the next trial begins.
	DescribeTrial() (TrialDescription, error)
}

// DescribeTrial returns what is known of the current trial of an environment, or of its episode if it has no trials.
func DescribeTrial(env Env) (TrialDescription, error) {
	if task, trial := TaskOf(env); task != nil {
		return TrialDescription{task.Params(), trial.Periods}, nil
	}
	if describer, ok := env.(TrialDescriber); ok {
		return describer.DescribeTrial()
	}
	return TrialDescription{}, nil
}
