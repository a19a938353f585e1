package drqn

import (
	"fmt"
	"slices"
	"strings"

	"engram/mpn"
	"engram/replay"
)

// PresetNames lists the presets: "default", which learns; "session", which carries M over the trials of a 500-step
// session and learns when to forget; "general", for environments that are no tasks of trials; "classic", the
// predecessor's choices, which do not learn.
func PresetNames() []string { return []string{"default", "session", "general", "classic"} }

// Preset returns the named preset; its task is still to be set.
func Preset(name string) (Config, error) {
	presets := []func() Config{presetDefault, presetSession, presetGeneral, presetClassic}
	i := slices.Index(PresetNames(), name)
	if i < 0 {
		return Config{}, fmt.Errorf("preset %q is unknown: use one of %s", name, strings.Join(PresetNames(), ", "))
	}
	return presets[i](), nil
}

// Earlier returns the values of the fields that files of earlier versions lack: decode such a file over it.
func Earlier() Config {
	return Config{Layers: 1, Plasticity: mpn.PlasticityHebbian, Form: mpn.FormMultiplicative, EtaShape: mpn.ShapeScalar,
		LambdaShape: mpn.ShapeScalar, ForgetGate: ForgetNone, NStep: 1, Flaw: FlawNone, TargetMix: 1,
		CheckpointEvery: defaultCheckpointEvery, ObservationScale: 1, RewardScale: 1, Truncation: TruncationBootstrap}
}

// defaultCheckpointEvery takes some seconds to train on a CPU, over twenty times as long as writing a checkpoint.
const defaultCheckpointEvery = 2000

// presetDefault returns the preset that learns. An episode is a trial, and windows are whole trials, so that their
// zero start state is the true one and each holds the rewarded step. A readout lets values peak where the cell's
// activity changes steadily, and a larger eta lets units change within a step or two: timing needs both. Many
// environment steps an update show the consequences of the choices that the agent has ceased to make; on a ladder of
// epsilons some environments wait long enough to be paid for it. Five-step returns bring the reward back faster, and a
// falling learning rate keeps what was learned; small batches leave time for the updates that this takes.
func presetDefault() Config {
	return Config{
		Cell: "mpn", Hidden: 64, Layers: 1, Readout: 128, Input: InputProjection, InputSize: 10,
		Plasticity: mpn.PlasticityHebbian, Form: mpn.FormMultiplicative,
		EtaShape: mpn.ShapeScalar, LambdaShape: mpn.ShapeScalar, Eta: 0.5, TrainEta: true,
		Lambda: 0.99, TrainLambda: true, LambdaMax: 0.99, ForgetGate: ForgetNone,
		Episode: EpisodeTrial, WindowEnd: replay.EndEpisode, Start: replay.StartZero, Capacity: replay.DefaultCapacity,
		Batch: 16, LearningRate: 2e-3, LearningRateDecay: 1, Gamma: 0.97, NStep: 5, Flaw: FlawNone, ClipNorm: 10,
		TargetEvery: 500, TargetMix: 1, Updates: 16_000, UpdateEvery: 32, LearnAfter: 1000,
		Environments: 8, ExplorationStart: 1, ExplorationEnd: 0.1, ExplorationLadder: 7, ExplorationFraction: 0.1,
		EvalEvery: 1000, EvalTrials: 500, MetricsEvery: 100, CheckpointEvery: defaultCheckpointEvery,
		ObservationScale: 1, RewardScale: 1, Truncation: TruncationBootstrap,
	}
}

// presetSession returns the preset that carries M over the trials of a session. Windows end anywhere, because nearly
// each one of a trial's length holds the end of a trial, and start from stored states. Four choices make it learn
// (docs/session.md tells how each was found):
//
//   - A gate for each hidden unit drops what earlier trials left in M. Its weights begin random, so that from the
//     start some units forget at the observation at which forgetting helps. It needs no trained lambda beside it: the
//     gate's bias is the rate at which a unit forgets.
//   - Returns end with their trial. The agent then maximises the reward per trial, which is what an evaluation
//     measures; reward per time would pay a press that is too early with the start of the next trial.
//   - The burn-in is as long as the longest trials. A stored state is up to 1,600 updates old, and what its weights
//     wrote into M means something else to those of today: after a trial M is the present weights' own.
//   - The target network moves by a fiftieth every 10 updates: it averages over some 500, the time between the jumps
//     of the preset default, and makes none, after which the share of the ceiling did not always recover.
func presetSession() Config {
	c := presetDefault().withUsual()
	c.Episode, c.TimeLimit, c.Return = EpisodeSession, 500, ReturnTask
	c.ForgetGate, c.TrainLambda, c.LambdaMax = ForgetRow, false, 0
	c.WindowEnd, c.Start, c.StateEvery, c.BurnIn = replay.EndUniform, replay.StartStored, 5, 60
	c.TargetEvery, c.TargetMix = 10, 0.02
	return c
}

// presetGeneral returns the preset for environments whose episodes may be long and of unknown length: short windows at
// any place of an episode, from stored states, and returns that look further ahead. Episodes are acted on with what was
// done before, as memory tasks need.
func presetGeneral() Config {
	c := presetDefault()
	c.PassAction = true
	c.InputSize = 16
	c.WindowEnd, c.Start, c.StateEvery, c.BurnIn, c.Window = replay.EndUniform, replay.StartStored, 5, 4, 20
	c.Batch, c.LearningRate, c.LearningRateDecay, c.Gamma, c.NStep = 32, 3e-3, 0, 0.98, 3
	c.UpdateEvery, c.ExplorationLadder, c.ExplorationFraction, c.EvalTrials = 16, 0, 0.2, 40
	return c
}

// presetClassic returns the preset that fails. Windows of 10 steps start from M = 0 in mid-session, where acting never
// does, and seldom hold the rewarded step; the cell reads a zero observation when it must answer.
func presetClassic() Config {
	c := presetDefault()
	c.Episode, c.TimeLimit = EpisodeSession, 500
	c.WindowEnd, c.Window = replay.EndUniform, 10
	c.Hidden, c.Readout, c.Input, c.InputSize = 128, 0, InputIdentity, 0
	c.Eta, c.TrainEta, c.Lambda, c.TrainLambda, c.LambdaMax = 0.1, false, 0.95, false, 0
	c.LearningRate, c.LearningRateDecay, c.Gamma, c.NStep, c.TargetEvery, c.Updates = 2.5e-4, 0, 0.99, 1, 10_000, 10_000
	c.Batch, c.Environments, c.UpdateEvery = 32, 1, 1
	c.ExplorationEnd, c.ExplorationLadder, c.ExplorationFraction = 0.01, 0, 0.3
	return c
}
