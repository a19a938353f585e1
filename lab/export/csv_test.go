package export

import (
	"math"
	"testing"

	"engram/drqn"
	"engram/lab"
)

// TestTable checks every byte of a table: numbers that read back exactly, marks as 0 and 1, omitted numbers as empty
// cells, and text that a spreadsheet does not compute.
func TestTable(t *testing.T) {
	check := func(f file, err error, want string) {
		t.Helper()
		if err != nil || string(f.data) != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", f.name, err, f.data, want)
		}
	}
	f, err := table("metrics", []drqn.Metrics{{}, {Update: 3, Trials: -4, Loss: 1e-7, GradientNorm: 1e21, MeanQ: -0.1,
		Eta: 1.0 / 3, Lambda: math.MaxFloat64, RewardPerTrial: 1e8,
		LambdaFirst: 0.25, LambdaMedian: 0.5, LambdaThird: 0.75}})
	check(f, err, `member,update,environment_steps,trials,loss,gradient_norm,mean_q,eta,lambda,epsilon,`+
		`reward_per_trial,lambda_q1,lambda_median,lambda_q3
0,0,0,0,0,0,0,0,0,0,0,,,
0,3,0,-4,1E-07,1E+21,-0.1,0.3333333333333333,1.7976931348623157E+308,0,1E+08,0.25,0.5,0.75
`)
	f, err = table("evaluations", []drqn.Evaluation{{}, {Task: "=a,\"b\"\n", Update: 2, Trials: 3, Lambda: 0.5,
		TrialCeiling: 2, Seed: math.MaxUint64, Final: true}, {Confirmation: true, Accuracy: 1e-5, NoCeiling: true,
		Episodes: 4, MeanReturn: new(0.), MeanSteps: 3, Regret: 1.5, Sessions: 20}})
	check(f, err, `task,update,trials,reward_per_trial,share_of_ceiling,trial_ceiling,accuracy,seed,lambda,`+
		`confirmation,final,no_ceiling,episodes,mean_return,return_sd,mean_steps,regret,sessions
,0,0,0,0,,0,0,,0,0,0,,,,,,
"'=a,""b""\u000a",2,3,0,0,2,0,18446744073709551615,0.5,0,1,0,,,,,,
,0,0,0,0,,1E-05,0,,1,0,1,4,0,,3,1.5,20
`)
	f, err = table("timing", []lab.Timing(nil))
	check(f, err, "update,seconds\n")
}
