package drqn

import (
	"encoding/json"

	"engram/mpn"
	"engram/replay"
)

// Episode tells where an episode of the agent ends.
type Episode string

// What the agent calls an episode.
const (
	// EpisodeTrial resets the recurrent state at each trial: the end of a trial is a termination for the agent.
	EpisodeTrial Episode = "trial"
	// EpisodeSession carries the recurrent state over the trials of a session that a time limit ends.
	EpisodeSession Episode = "session"
)

// Input tells what the cell reads.
type Input string

// What the cell reads.
const (
	InputProjection Input = "projection" // x = W_rand o + b_rand, fixed, drawn from the seed
	InputIdentity   Input = "identity"   // x = o
)

// ForgetGate selects the gates of M's decay.
type ForgetGate string

// Gates of M's decay.
const (
	ForgetNone   ForgetGate = "none"
	ForgetScalar            = ForgetGate(mpn.ShapeScalar)
	ForgetRow               = ForgetGate(mpn.ShapeRow)
)

// Return selects what ends a return, beside the end of an episode.
type Return string

// What ends a return.
const (
	ReturnTrial   Return = "trial"   // the end of a trial: the agent maximises reward per trial
	ReturnSession Return = "session" // the end of the session alone: the agent maximises reward over time
	ReturnTask    Return = "task"    // as the task says: session where its trials belong together, else trial
)

// Truncation tells what the end of an episode that was cut by a time limit is worth.
type Truncation string

// What the end of a truncated episode is worth.
const (
	TruncationBootstrap Truncation = "bootstrap" // the value of the observation that would have been acted on
	TruncationTerminate Truncation = "terminate" // nothing, as if the episode had terminated
)

// Flaw is a known error of other DRQN code, kept to demonstrate its effect; never train with it in earnest.
type Flaw string

// Flaws.
const (
	FlawNone                 Flaw = "none"
	FlawShiftedTarget        Flaw = "shifted_target"        // the action chosen at t+1 is valued at t+2
	FlawNoFinalBootstrap     Flaw = "no_final_bootstrap"    // a window's last step counts as terminated
	FlawTruncationTerminates Flaw = "truncation_terminates" // of earlier versions: as truncation = terminate
)

// Config is everything that decides a run: the same Config on the same backend and machine gives the same bytes. It is
// plain data. config.json, the command line's flags and their help are derived from its fields: `json` is the name
// used everywhere, `help` describes the field with its unit and range, and `source` tells where the default comes
// from.
//
// Sources: R2D2 is Kapturowski et al. 2019; DQN is Mnih et al. 2015; MPN is Aitken & Mihalas, eLife 83035; Ape-X is
// Horgan et al. 2018; NeuroGym is neurogym 2.3.1.
type Config struct {
	// The task.
	Task        string          `json:"task" help:"environment to learn (engram tasks lists them)" source:"NeuroGym"`
	TaskOptions json.RawMessage `json:"task_options,omitempty" help:"the task's own options as a JSON object, e.g. {\"delay\":1000}" source:"NeuroGym defaults"`
	TimeLimit   int             `json:"time_limit" help:"environment steps after which an episode is truncated (0 = none)" source:"NeuroGym users wrap with 500"`
	PassAction  bool            `json:"pass_action" help:"append the previous action (one-hot) to the observation" source:"NeuroGym PassAction"`
	PassReward  bool            `json:"pass_reward" help:"append the previous reward to the observation" source:"NeuroGym PassReward"`
	// Ceiling and Floor are for an environment that has no ceiling of its own.
	Ceiling          float64 `json:"ceiling" help:"return that counts as 100 %, of an environment without a ceiling of its own (with floor; both 0 = none: results are returns)" source:"-"`
	Floor            float64 `json:"floor" help:"return that counts as 0 %, below the ceiling" source:"-"`
	ObservationScale float64 `json:"observation_scale" help:"factor of the observations before the agent reads them, above 0" source:"-"`
	RewardScale      float64 `json:"reward_scale" help:"factor of the rewards that the agent learns from, above 0; what is reported is not scaled" source:"-"`
	Seed             uint64  `json:"seed" help:"seed of every random draw of the run" source:"-"`

	// The network.
	Cell        string         `json:"cell" help:"recurrent cell: mpn, frozen (M = 0), rnn, gru or lstm" source:"MPN"`
	Hidden      int            `json:"hidden" help:"hidden units H" source:"MPN: 100; here 64"`
	Layers      int            `json:"layers" help:"layers of the cell, 1 or 2: the second reads h of the first" source:"MPN: 1"`
	Input       Input          `json:"input" help:"what the cell reads: projection (fixed random affine map of the observation) or identity" source:"MPN, Methods, NeuroGym tasks"`
	InputSize   int            `json:"input_size" help:"size I of the projected input" source:"MPN, Methods: 10"`
	Readout     int            `json:"readout" help:"rectified units between the cell and the values, R (0 = none: values are linear in h)" source:"R2D2: 512"`
	Dueling     bool           `json:"dueling" help:"compute values as the state's value plus each action's advantage minus the mean advantage" source:"Wang et al. 2016, eq. 9"`
	Plasticity  mpn.Plasticity `json:"plasticity" help:"what a step writes into M per eta: hebbian (h x^T), presynaptic (1 x^T) or postsynaptic (h 1^T)" source:"MPN eq. 3: hebbian"`
	Form        mpn.Form       `json:"form" help:"how M modulates W: multiplicative, W o (1 + M), or additive, W + M" source:"MPN eq. 2: multiplicative"`
	MemoryBound float64        `json:"memory_bound" help:"bound of |M_ij| after each update, by clipping (0 = none)" source:"-"`
	Eta         float64        `json:"eta" help:"plasticity rate eta at the start (any sign)" source:"MPN eq. 3"`
	EtaShape    mpn.Shape      `json:"eta_shape" help:"connections that share one eta: scalar (all), row (of one hidden unit), column (of one input) or full (none)" source:"MPN: scalar"`
	TrainEta    bool           `json:"train_eta" help:"train eta" source:"MPN, Methods"`
	Lambda      float64        `json:"lambda" help:"decay lambda of M at the start, 0 to lambda_max" source:"MPN eq. 3"`
	LambdaShape mpn.Shape      `json:"lambda_shape" help:"connections that share one lambda: scalar, row, column or full" source:"MPN: scalar"`
	TrainLambda bool           `json:"train_lambda" help:"train lambda, projected to [0, lambda_max] after each update" source:"MPN, Methods"`
	LambdaMax   float64        `json:"lambda_max" help:"upper bound of lambda, 0 to 1" source:"MPN, Methods"`
	ForgetGate  ForgetGate     `json:"forget_gate" help:"gates of M's decay, lambda_t = lambda sigmoid(gain (F x_t + f)): none, scalar (one for all of M) or row (one for each hidden unit)" source:"-"`
	ForgetBias  float64        `json:"forget_bias" help:"a gate's logit at x = 0 before training" source:"-"`
	ForgetScale float64        `json:"forget_scale" help:"standard deviation of a gate's logit per unit of x before training" source:"-"`
	ForgetGain  float64        `json:"forget_gain" help:"factor of F x + f, above 0: how fast training moves the logits" source:"-"`

	// Episodes, windows and replay.
	Episode            Episode          `json:"episode" help:"what the agent calls an episode: trial (state reset at each trial) or session (state carried over trials)" source:"MPN, in its NeuroGym runs: M carried over the trials of 100 steps"`
	Return             Return           `json:"return" help:"what ends a return, with episode = session: trial (the discount is 0 at a trial's end, so that a trial is worth what it pays) session (values count the trials to come, also if empty) or task (session where the task's trials belong together, else trial)" source:"-"`
	WindowEnd          replay.WindowEnd `json:"window_end" help:"how a window's last transition is drawn: uniform (over transitions), episode (at episode ends) or prioritized (by TD error)" source:"R2D2: prioritized"`
	PriorityExponent   float64          `json:"priority_exponent" help:"exponent alpha of the priorities with window_end = prioritized, above 0, at most 1" source:"Schaul et al. 2016: 0.6"`
	ImportanceExponent float64          `json:"importance_exponent" help:"exponent beta of the importance weights of prioritized windows at the start, 0 to 1; it rises to 1 over the run" source:"Schaul et al. 2016: 0.4"`
	Window             int              `json:"window" help:"transitions with loss in a window, L (0 = the longest trial, or episode)" source:"R2D2: 80"`
	BurnIn             int              `json:"burn_in" help:"transitions before the window that only warm the state up" source:"R2D2 section 3"`
	TruncateBPTT       bool             `json:"truncate_bptt" help:"stop the gradient where the window begins: the transitions before it renew the state, and are not back-propagated through" source:"R2D2 section 3: true"`
	Start              replay.Start     `json:"start" help:"state a window starts from: zero or stored (the state kept while acting)" source:"R2D2 section 3"`
	StateEvery         int              `json:"state_every" help:"transitions between kept states, with start = stored" source:"-"`
	Capacity           int              `json:"capacity" help:"transitions the replay ring holds" source:"predecessor: 50,000"`

	// Learning.
	Batch             int        `json:"batch" help:"windows in a batch, B" source:"DQN: 32"`
	LearningRate      float64    `json:"learning_rate" help:"Adam's step size" source:"-"`
	LearningRateDecay float64    `json:"learning_rate_decay" help:"share of the learning rate lost by the end of the run, along a half cosine, 0 (constant) to 1" source:"-"`
	Truncation        Truncation `json:"truncation" help:"what the end of an episode that a time limit cut is worth: bootstrap (the value of its last observation) or terminate (nothing)" source:"Pardo et al. 2018: bootstrap"`
	Gamma             float64    `json:"gamma" help:"discount per environment step, 0 to 1" source:"-"`
	NStep             int        `json:"n_step" help:"environment steps of reward before a target bootstraps, n, within the window" source:"R2D2: 5"`
	GreedyTraces      bool       `json:"greedy_traces" help:"with n_step above 1, a return follows the actions taken only while they are greedy, and bootstraps at the first that is not" source:"Watkins 1989"`
	RescaleValues     bool       `json:"rescale_values" help:"learn h(value), h(x) = sign(x)(sqrt(|x|+1)-1) + 0.001 x" source:"R2D2 section 2.3"`
	Flaw              Flaw       `json:"flaw" help:"a known error to show: none, shifted_target (the action chosen at t+1 is valued at t+2), no_final_bootstrap (a window's last step counts as terminated) or truncation_terminates (of earlier versions: truncation = terminate)" source:"predecessor: the first two"`
	ClipNorm          float64    `json:"clip_norm" help:"global gradient norm above which the gradient is scaled down" source:"predecessor: 10"`
	L1                float64    `json:"l1" help:"weight of the sum of |weight| over trained matrices, added to the loss" source:"-"`
	TargetEvery       int        `json:"target_every" help:"updates between moves of the target network towards the online one" source:"DQN: 10,000"`
	TargetMix         float64    `json:"target_mix" help:"share of the online network in such a move: 1 copies it, less averages (Polyak)" source:"DQN: 1"`
	Updates           int        `json:"updates" help:"gradient updates of the run" source:"-"`
	UpdateEvery       int        `json:"update_every" help:"environment steps, over all environments, per update" source:"DQN: 4"`
	LearnAfter        int        `json:"learn_after" help:"environment steps before the first update" source:"-"`

	// Acting.
	Environments        int     `json:"environments" help:"environments stepped in lockstep, N" source:"Ape-X"`
	ActingLag           int     `json:"acting_lag" help:"updates by which the acting weights lag behind the newest: 0, or 1, where the environments step while an update is computed" source:"R2D2: up to 400 environment steps"`
	ExplorationStart    float64 `json:"exploration_start" help:"epsilon at the beginning, 0 to 1" source:"DQN: 1"`
	ExplorationEnd      float64 `json:"exploration_end" help:"epsilon after the decay, 0 to 1" source:"DQN: 0.1"`
	ExplorationLadder   float64 `json:"exploration_ladder" help:"exponent a by which exploration falls from environment to environment i: epsilon^(1 + a i/(N-1)); 0 = the same in all" source:"Ape-X: 7"`
	ExplorationFraction float64 `json:"exploration_fraction" help:"share of the updates over which epsilon falls linearly" source:"predecessor: 0.3"`

	// Evaluation and reporting.
	EvalEvery    int     `json:"eval_every" help:"updates between greedy evaluations on fresh seeds (0 = only at the end)" source:"-"`
	EvalTrials   int     `json:"eval_trials" help:"trials, or episodes, of a periodic evaluation" source:"-"`
	StopAt       float64 `json:"stop_at" help:"stop once two periodic evaluations in a row, and 2,000 further trials (100 episodes), reach this share of the ceiling (0 = never)" source:"-"`
	StopAtReturn float64 `json:"stop_at_return" help:"the same by the mean return of an episode, or reward per trial, instead of a share (0 = never; for a return of 0, use -1e-9)" source:"-"`
	MetricsEvery int     `json:"metrics_every" help:"updates between lines of metrics.jsonl" source:"-"`

	// Keeping.
	CheckpointEvery int `json:"checkpoint_every" help:"updates between checkpoints, from which a stopped run resumes" source:"-"`
}
