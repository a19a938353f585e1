package drqn

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute"

	"engram/replay"
	"engram/tasks"
)

// Trainer trains a population of agents, each with its own config, in one compiled program.
type Trainer struct {
	members []*member
	learner *Learner
	batch   *replay.Batch // [K·B] windows, those of member 0 first

	reported int64 // updates done at the last report; -1 before the first
	compiled bool  // an update was done, so that there is a program for it
}

// member is one agent of the population with all that it does not share.
type member struct {
	*plan
	actor   *actor
	policy  *Policy
	windows *replay.Windows
	batch   *replay.Batch // its rows of the trainer's
	urgency []float64     // [B] priorities of the batch
	rng     generator     // of sampling
	stats   statsSum
	reached bool // stop_at, in the previous evaluation
	solved  bool
}

// The streams of a run's random draws: each kind has its own, so that more draws of one do not change another.
const (
	streamWeights = iota
	streamActing
	streamSampling
	streamEnvironments
	streamEvaluation
	streamConfirmation
)

// generator is a stream of random draws whose position can be saved.
type generator struct {
	*rand.Rand
	source *rand.PCG
}

func stream(seed uint64, kind uint64) generator {
	source := rand.NewPCG(seed, kind)
	return generator{rand.New(source), source}
}

// NewTrainer returns a trainer of one agent per config. The configs may differ in seed, eta, lambda, lambda_max,
// learning_rate, learning_rate_decay, gamma, clip_norm, l1, target_every, target_mix, exploration_start,
// exploration_end, exploration_ladder, exploration_fraction, stop_at and stop_at_return.
func NewTrainer(b compute.Backend, configs ...Config) (*Trainer, error) {
	if len(configs) == 0 {
		return nil, errors.New("drqn: no config to train")
	}
	var plans []*plan
	var hyper []Hyper // [K]
	var initial []float32
	for i, c := range configs {
		p, err := c.resolve()
		if err != nil {
			return nil, err
		}
		if field := differing(configs[0], c); field != "" {
			return nil, fmt.Errorf("member %d of the population differs in %s: only hyperparameters that are inputs "+
				"of the program may", i, field)
		}
		plans, hyper = append(plans, p), append(hyper, p.hyper)
		initial = append(initial, p.net.Init(stream(c.Seed, streamWeights).Rand)...)
	}
	learner, err := NewLearner(b, plans[0].net, hyper, plans[0].rule, initial)
	if err != nil {
		return nil, err
	}
	t := &Trainer{learner: learner, reported: -1}
	for k, p := range plans {
		m, err := newMember(p, learner.Weights(k))
		if err != nil {
			return nil, err
		}
		t.members = append(t.members, m)
	}
	return t, t.shareBatch()
}

// newMember makes the member of a plan, which acts with weights [P].
func newMember(p *plan, weights []float32) (*member, error) {
	c := p.config
	acting, sampling := stream(c.Seed, streamActing), stream(c.Seed, streamSampling)
	environments := stream(c.Seed, streamEnvironments)
	envs, err := tasks.NewVector(c.Environments, c.newEnvironment)
	if err != nil {
		return nil, err
	}
	if err := envs.Reset(environments.Uint64()); err != nil {
		return nil, err
	}
	ring, err := replay.NewRing(p.ring)
	if err != nil {
		return nil, err
	}
	windows, err := ring.Windows(p.window)
	if err != nil {
		return nil, err
	}
	agent := NewAgent(p.net, weights)
	return &member{
		plan: p, policy: &Policy{p, agent, weights}, windows: windows, urgency: make([]float64, c.Batch), rng: sampling,
		actor: newActor(p, agent, envs, ring, acting),
	}, nil
}

// shareBatch makes one batch for the population and gives each member its rows.
func (t *Trainer) shareBatch() error {
	size := t.config().Batch
	var err error
	if t.batch, err = t.members[0].windows.NewBatch(size * len(t.members)); err != nil {
		return err
	}
	for k, m := range t.members {
		m.batch = t.batch.Rows(k*size, (k+1)*size)
	}
	return nil
}

// config returns the first member's config, for what the members agree in.
func (t *Trainer) config() Config { return t.members[0].config }

// Update returns the number of updates done.
func (t *Trainer) Update() int64 { return t.learner.Updates() }

// Network returns the network that is trained.
func (t *Trainer) Network() *Network { return t.learner.net }

// Weights returns a member's weights [P]; training overwrites them.
func (t *Trainer) Weights(member int) []float32 { return t.learner.Weights(member) }

// Train acts and learns until the updates of the config are done, or all members are solved, and reports to the
// observer on the way. A cancelled context ends it with the context's error, between two updates: Train may then
// be called again and resumes.
func (t *Trainer) Train(ctx context.Context, o Observer) error {
	return t.TrainUntil(ctx, int64(t.config().Updates), o)
}

// TrainUntil trains until the given update count is reached and all due reports were delivered.
func (t *Trainer) TrainUntil(ctx context.Context, updates int64, o Observer) error {
	for {
		if err := t.report(ctx, o); err != nil {
			return err
		}
		if t.Update() >= updates || t.Done() {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.advance(o); err != nil {
			return err
		}
	}
}

// advance takes a step in every environment, or does an update where one is owed and there is something to learn from.
func (t *Trainer) advance(o Observer) error {
	switch {
	case t.owed() == 0 || !t.ready():
		return t.act()
	case t.compiled:
		return t.learn()
	}
	return t.learnFirst(o)
}

// learnFirst does the update that compiles the program, and tells an observer that wants to know.
func (t *Trainer) learnFirst(o Observer) error {
	tell := func(bool) error { return nil }
	if c, wants := o.(CompileObserver); wants {
		tell = c.Compiling
	}
	if err := tell(true); err != nil {
		return err
	}
	err := t.learn()
	t.compiled = err == nil
	return cmp.Or(err, tell(false))
}

// Done reports whether training is complete: the updates are done or all members are solved, and the last update
// was reported.
func (t *Trainer) Done() bool {
	return t.reported == t.Update() && (t.Update() >= int64(t.config().Updates) || t.solved())
}

// Untold returns how many trials of a member ended since its last metrics, and what they paid.
func (t *Trainer) Untold(member int) (trials int64, reward float64) {
	earned := t.members[member].actor.tally
	if earned.Trials == 0 {
		return 0, 0
	}
	return earned.Trials, earned.Reward
}

// owed returns the number of updates that the environment steps so far call for and that are not yet done.
func (t *Trainer) owed() int64 {
	c := t.config()
	past := t.members[0].actor.ring.Count() - int64(c.LearnAfter)
	return max(0, past/int64(c.UpdateEvery)-t.Update())
}

// ready reports whether every member has windows to learn from.
func (t *Trainer) ready() bool {
	return !slices.ContainsFunc(t.members, func(m *member) bool { return !m.windows.Ready() })
}

// act takes a step in every environment of every member.
func (t *Trainer) act() error {
	for k, m := range t.members {
		if err := m.actor.step(t.Update()); err != nil {
			var d *Divergence
			if errors.As(err, &d) {
				d.Update, d.Member = t.Update()+1, k
			}
			return err
		}
	}
	return nil
}

// actAhead takes the environment steps that the update after the current one calls for. With an acting lag it takes
// all of them, so that between two updates only sampling is left to do.
func (t *Trainer) actAhead() error {
	if t.config().ActingLag == 0 || t.Update()+1 == int64(t.config().Updates) {
		return nil
	}
	for t.owed() < 2 {
		if err := t.act(); err != nil {
			return err
		}
	}
	return nil
}

// learn does one update of every member and meanwhile acts with the weights from before it.
func (t *Trainer) learn() error {
	for _, m := range t.members {
		if err := m.sample(t.Update()); err != nil {
			return err
		}
	}
	stats, err := t.learner.updateBeside(t.batch, t.actAhead)
	if err != nil {
		return err
	}
	for k, m := range t.members {
		m.stats.add(stats[k])
		if t.metricsDue() {
			m.stats.Lambda = m.policy.agent.quartiles(m.batch)
		}
		if err := m.prioritize(t.learner, k); err != nil {
			return err
		}
	}
	return nil
}

// sample draws the member's rows of the batch.
func (m *member) sample(update int64) error {
	if m.config.WindowEnd == replay.EndPrioritized {
		if err := m.windows.SetBeta(m.config.Beta(update)); err != nil {
			return err
		}
	}
	return m.windows.Sample(m.batch, m.rng.Rand)
}

// prioritize gives the ring the new priorities of the windows of the last update.
func (m *member) prioritize(l *Learner, k int) error {
	if m.config.WindowEnd != replay.EndPrioritized {
		return nil
	}
	l.priorities(m.batch, k*m.config.Batch, m.urgency)
	_, err := m.windows.Update(m.batch.Indices, m.urgency)
	return err
}

// Close closes the members' environments, of which some hold a process.
func (t *Trainer) Close() error {
	var errs []error
	for _, m := range t.members {
		errs = append(errs, m.actor.envs.Close())
	}
	return errors.Join(errs...)
}

func (t *Trainer) solved() bool {
	for _, m := range t.members {
		if !m.solved {
			return false
		}
	}
	return true
}
