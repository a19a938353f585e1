package lesson

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"

	"github.com/gomlx/compute"

	"engram/drqn"
	"engram/plots"
)

// pupil is a population of agents that learn while the page watches.
type pupil struct {
	configs     []drqn.Config
	trainer     *drqn.Trainer
	policies    []*drqn.Policy // which follow the weights of the trainer
	metrics     [][]drqn.Metrics
	evaluations [][]drqn.Evaluation
	limit       int // time limit under which the agents are judged; 0: as they learn
}

func newPupil(b compute.Backend, configs ...drqn.Config) (*pupil, error) {
	trainer, err := drqn.NewTrainer(b, configs...)
	if err != nil {
		return nil, err
	}
	p := &pupil{configs: configs, trainer: trainer, metrics: make([][]drqn.Metrics, len(configs)),
		evaluations: make([][]drqn.Evaluation, len(configs))}
	for k, c := range configs {
		policy, err := drqn.NewPolicy(c, trainer.Weights(k))
		if err != nil {
			return nil, err
		}
		p.policies = append(p.policies, policy)
	}
	return p, nil
}

// Metrics implements drqn.Observer.
func (p *pupil) Metrics(m drqn.Metrics) error {
	p.metrics[m.Member] = append(p.metrics[m.Member], m)
	return nil
}

// Evaluation implements drqn.Observer.
func (p *pupil) Evaluation(member int, e drqn.Evaluation) error {
	if p.limit > 0 {
		c := p.configs[member]
		c.TimeLimit = p.limit
		policy, err := drqn.NewPolicy(c, p.trainer.Weights(member))
		if err != nil {
			return err
		}
		update := e.Update
		if e, err = policy.Evaluate(context.Background(), e.Trials, e.Seed); err != nil {
			return err
		}
		e.Update = update
	}
	p.evaluations[member] = append(p.evaluations[member], e)
	return nil
}

// slice is how far a request trains.
type slice struct {
	Anew    bool `json:"anew"`    // begin with untrained weights
	Updates int  `json:"updates"` // to do now
	Millis  int  `json:"millis"`  // or as many as begin within so many ms, at least one
	Look    bool `json:"look"`    // draw, although there is more to do
}

// The most that one request may train.
const (
	mostUpdates = 10_000
	mostMillis  = 1000
)

// check returns an error if a request trains for too long: the page could not be stopped meanwhile.
func (s slice) check() error {
	return errors.Join(within("updates", s.Updates, 0, mostUpdates), within("millis", s.Millis, 0, mostMillis))
}

// learn trains the pupils one after the other for a slice, and reports whether there is more to do. Untrained ones are
// judged first. Slices do not change the bits.
func learn(s slice, pupils ...*pupil) (more bool, err error) {
	for _, p := range pupils {
		t := p.trainer
		if err := t.TrainUntil(context.Background(), t.Update(), p); err != nil {
			return false, err
		}
		began, span := time.Now(), time.Duration(s.Millis)*time.Millisecond/time.Duration(len(pupils))
		due := func(done int) bool {
			return done < s.Updates || s.Millis > 0 && (done == 0 || time.Since(began) < span)
		}
		for done := 0; !t.Done() && due(done); done++ {
			if err := t.TrainUntil(context.Background(), t.Update()+1, p); err != nil {
				return false, err
			}
		}
		more = more || s.Millis > 0 && !t.Done()
	}
	return more, nil
}

// share returns the share of the ceiling in a member's newest evaluation; 0 before the first.
func (p *pupil) share(member int) float64 {
	list := p.evaluations[member]
	if len(list) == 0 {
		return 0
	}
	return list[len(list)-1].ShareOfCeiling
}

// shares returns the curve of a member's evaluations.
func (p *pupil) shares(member int, name string) plots.Series {
	s := plots.Series{Name: name}
	for _, e := range p.evaluations[member] {
		s.X, s.Y = append(s.X, float64(e.Update)), append(s.Y, e.ShareOfCeiling)
	}
	return s
}

// digest returns the SHA-256 of a member's weights, as 'engram digest --json' has it for the weights of a run.
func (p *pupil) digest(member int) (string, error) {
	data, err := binary.Append(nil, binary.LittleEndian, p.trainer.Weights(member))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// best is the reference line of the best possible reward.
var best = []plots.Reference{{Name: "best possible", Y: 1}}
