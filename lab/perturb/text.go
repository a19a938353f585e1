package perturb

import "fmt"

// Text returns a line for the intact agent and one for each step at which the perturbation of a kind was tried.
func (r Result) Text(kind Kind) string {
	text := fmt.Sprintf("intact: %v\n", r.Intact)
	for _, point := range r.Points {
		text += fmt.Sprintf("%s at step %d: %v", kind, point.Step, point.Score)
		if point.Followed != nil {
			text += fmt.Sprintf("; %d answered as the trial whose memory it was", *point.Followed)
		}
		if point.Applied < point.Trials {
			text += fmt.Sprintf("; applied in %d of them", point.Applied)
		}
		text += "\n"
	}
	return text
}

// String returns the share of right answers with its interval.
func (s Score) String() string {
	return fmt.Sprintf("%.1f %% correct (%.1f to %.1f, %d trials)", 100*s.Accuracy, 100*s.Low, 100*s.High, s.Trials)
}
