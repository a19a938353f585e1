package bridge

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"engram/tasks"
)

// answering is an environment of testdata/odd.py whose space and answers are expressions of Python.
type answering struct {
	Space string `json:"space,omitempty"`
	Sees  string `json:"sees,omitempty"`
	Step  string `json:"step,omitempty"`  // reward, terminated, truncated, info
	Reset string `json:"reset,omitempty"` // info
}

// Each space and each answer that an agent cannot learn from, or that can be meant in more than one way, is refused
// with what came, what is wanted and a remedy, while Python is asked what the environment is.
func TestRefused(t *testing.T) {
	t.Parallel()
	const declare = "return that, or declare in observation_space what the environment returns"
	box, discrete := "Box(-9, 9, (2, 3))", "Discrete(3)"
	several, bits, nested := "MultiDiscrete([2, 3])", "MultiBinary(2)", "Dict(a=Discrete(3), b=Tuple([Box(0,1,(2,))]))"
	boxes, whole := "has numbers of shape (2, 3): "+declare, "has a whole number from 0 to 2: "+declare
	cases := []struct {
		answering
		want []string
	}{
		{answering{Space: "Text(3)"}, []string{"space Text(", "no fixed number of numbers: wrap the environment"}},
		{answering{Space: "Dict(a=Discrete(2), b=Tuple([Text(3)]))"}, []string{"part 'b.0', has no fixed number"}},
		{answering{Space: "Tuple([Sequence(Discrete(2))])"}, []string{"part '0', has no fixed number of numbers"}},
		{answering{Space: "Box(0, 1, (0,))"}, []string{"(0,), float32) has no numbers: an agent must see one or more"}},
		{answering{Space: "Tuple([])"}, []string{"space Tuple() has no numbers"}},
		{answering{Space: "Dict(a=Box(0, 1, (3, 0)), b=Dict())"}, []string{"has no numbers"}},
		{answering{Space: "Discrete(10**9)"}, []string{"Discrete(1000000000) has 1000000000 numbers: use at most"}},

		{answering{Space: box, Sees: "np.zeros((3, 2))"}, []string{
			"invalid observation: an array of float64 of shape (3, 2), [[0.0,", "where the space Box(-9.0, 9.0, (2, 3)",
			boxes}},
		{answering{Space: box, Sees: "np.zeros(6)"}, []string{"of shape (6,), [", boxes}},
		{answering{Space: box, Sees: "np.zeros((2, 3), complex)"}, []string{"an array of complex128", boxes}},
		{answering{Space: box, Sees: "np.zeros((2, 3), object)"}, []string{"an array of object", boxes}},
		{answering{Space: box, Sees: "np.zeros((2, 3), 'M8[s]')"}, []string{"an array of datetime64[s]", boxes}},
		{answering{Space: box, Sees: "[[0, 1, 2], [3, 4]]"}, []string{": [[0, 1, 2], [3, 4]] (list), where", boxes}},
		{answering{Space: box, Sees: "[['1', '2', '3']] * 2"}, []string{"(list), where", boxes}},
		{answering{Space: box, Sees: "None"}, []string{"invalid observation: None (NoneType), where", boxes}},
		{answering{Space: box, Sees: "'\\x1b[31m' * 99"}, []string{`observation: '\x1b[31m`, "' (str), where", boxes}},

		{answering{Space: discrete, Sees: "0.5"}, []string{
			"observation: 0.5 (float), where the space Discrete(3)", whole}},
		{answering{Space: discrete, Sees: "np.float32(1.5)"}, []string{"observation: 1.5 (float32), where", whole}},
		{answering{Space: discrete, Sees: "True"}, []string{"observation: True (bool), where", whole}},
		{answering{Space: discrete, Sees: "np.True_"}, []string{"observation: True (bool", whole}},
		{answering{Space: discrete, Sees: "3"}, []string{"observation: 3 (int), where", whole}},
		{answering{Space: discrete, Sees: "-1"}, []string{"observation: -1 (int), where", whole}},
		{answering{Space: discrete, Sees: "float('nan')"}, []string{"observation: nan (float), where", whole}},
		{answering{Space: discrete, Sees: "'1'"}, []string{"observation: '1' (str), where", whole}},
		{answering{Space: discrete, Sees: "np.array([0, 1])"}, []string{"of shape (2,), [0, 1], where", whole}},
		{answering{Space: discrete, Sees: "1 + 0j"}, []string{"(complex), where", whole}},

		{answering{Space: several, Sees: "[1, 3]"}, []string{"whole numbers of shape (2,) within their bounds: "}},
		{answering{Space: several, Sees: "[0.5, 0]"}, []string{
			"[0.5, 0] (list), where the space MultiDiscrete([2 3])"}},
		{answering{Space: several, Sees: "[True, False]"}, []string{"[True, False] (list), where the space Multi"}},
		{answering{Space: several, Sees: "[1]"}, []string{"[1] (list), where the space MultiDiscrete([2 3])"}},
		{answering{Space: bits, Sees: "[0, 2]"}, []string{
			"[0, 2] (list), where the space MultiBinary(2) has zeros and"}},
		{answering{Space: bits, Sees: "[0, 0.5]"}, []string{"has zeros and ones of shape (2,): " + declare}},

		{answering{Space: nested, Sees: "{'a': 1}"}, []string{
			"{'a': 1} (dict), where", "has a dict of 'a', 'b': " + declare}},
		{answering{Space: nested, Sees: "[1, 2]"}, []string{"[1, 2] (list), where", "has a dict of 'a', 'b'"}},
		{answering{Space: nested, Sees: "{'a': 1, 'b': ()}"}, []string{
			"observation 'b': () (tuple), where the space Tuple(",
			"has a tuple of 1: " + declare}},
		{answering{Space: nested, Sees: "{'a': 1, 'b': 7}"}, []string{
			"observation 'b': 7 (int), where the space Tuple("}},
		{answering{Space: nested, Sees: "{'a': 1, 'b': [[1]]}"}, []string{
			"observation 'b.0': [1] (list), where the space"}},

		{answering{Step: "'1', False, False, {}"}, []string{"reward '1' is no number: return a float from step"}},
		{answering{Step: "1j, False, False, {}"}, []string{"reward 1j is no number"}},
		{answering{Step: "np.complex64(1), False, False, {}"}, []string{"is no number"}},
		{answering{Step: "None, False, False, {}"}, []string{"reward None is no number"}},
		{answering{Step: "False, 1.0, False, {}"}, []string{"terminated is 1.0 (float): return True or False"}},
		{answering{Step: "1, False, 'no', {}"}, []string{"truncated is 'no' (str): return True or False"}},
		{answering{Step: "1, np.array([True, False]), False, {}"}, []string{
			"terminated is an array of bool of shape (2,)"}},
		{answering{Step: "1, 2, False, {}"}, []string{"terminated is 2 (int): return True or False"}},
		{answering{Step: "1, None, False, {}"}, []string{"terminated is None (NoneType): return True or False"}},
		{answering{Step: "1, False, False, [1]"}, []string{"info is [1] (list): return a dict"}},
		{answering{Step: "None"}, []string{"step returned None (NoneType), where Gymnasium has 5"}},
		{answering{Reset: "np.zeros(2)"}, []string{"reset returned no pair of observation and info"}},
	}
	all := make([]answering, len(cases))
	for i, c := range cases {
		all[i] = c.answering
	}
	for i, said := range described(t, all) {
		for _, want := range cases[i].want {
			if first, _, _ := strings.Cut(said, "\n"); !strings.Contains(first, want) {
				t.Errorf("%+v: %q, want %q", cases[i].answering, first, want)
			}
		}
	}
}

// described returns what one Python says about several environments: errors, or nothing where it can use one.
func described(t *testing.T, all []answering) (said []string) {
	t.Helper()
	var ask hello
	for _, a := range all {
		options, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		ask.Describe = append(ask.Describe, asking{"testdata.odd:told", options})
	}
	w, err := launch(ask)
	if err != nil {
		t.Fatal(err)
	}
	defer w.kill()
	for range all {
		line, err := w.readLine()
		if err != nil {
			t.Fatal(err)
		}
		var answer workerError
		if err := json.Unmarshal(line, &answer); err != nil {
			t.Fatal(err)
		}
		said = append(said, answer.Trace)
	}
	return said
}

// What environments of Python return although their spaces have it in another form is taken where it can be meant in
// one way only: other dtypes and lists, axes of length 1, whole floats, Booleans where there are two values, bounds
// left.
func TestTaken(t *testing.T) {
	t.Parallel()
	parts := []struct {
		space, sees string
		want        []float32
	}{
		{"Box(0, 1, (2,))", "np.array([0.5, 2])", []float32{0.5, 2}},
		{"Box(0, 1, (2, 2))", "[[1, 2], [3, 4.5]]", []float32{1, 2, 3, 4.5}},
		{"Box(0, 1, (2, 3))", "np.arange(6).reshape(3, 2).T", []float32{0, 2, 4, 1, 3, 5}},
		{"Box(0, 1, (2,))", "np.array([[1], [2]])", []float32{1, 2}},
		{"Box(0, 1, (1,))", "7", []float32{7}},
		{"Box(0, 1, ())", "np.array([3])", []float32{3}},
		{"Box(0, 1, (2,))", "np.array([True, False])", []float32{1, 0}},
		{"Box(0, 255, (2,), np.uint8)", "(1, 2.5)", []float32{1, 2.5}},
		{"Box(0, 1, (0,))", "[]", nil},
		{"Discrete(3, start=5)", "np.array(6)", []float32{0, 1, 0}},
		{"Discrete(3)", "np.int8(2)", []float32{0, 0, 1}},
		{"Discrete(3)", "np.array([1])", []float32{0, 1, 0}},
		{"Discrete(3)", "2.0", []float32{0, 0, 1}},
		{"Discrete(2)", "True", []float32{0, 1}},
		{"Discrete(2)", "np.False_", []float32{1, 0}},
		{"MultiDiscrete([2, 3])", "[1, 2.0]", []float32{0, 1, 0, 0, 1}},
		{"MultiDiscrete([[2], [3]], start=[[4], [-1]])", "np.array([[5], [-1]])",
			[]float32{0, 1, 1, 0, 0}},
		{"MultiDiscrete([2, 2])", "[True, False]", []float32{0, 1, 1, 0}},
		{"MultiBinary(2)", "[False, True]", []float32{0, 1}},
		{"MultiBinary((1, 2))", "np.array([1.0, 0])", []float32{1, 0}},
		{"Tuple([Discrete(2), Discrete(3)])", "np.array([1, 0])", []float32{0, 1, 1, 0, 0}},
		{"OneOf([Discrete(2), Box(0, 1, (1,))])", "(0, 1)", []float32{0, 0, 1}},
	}
	var spaces, sees []string
	var want []float32
	for _, p := range parts {
		spaces, sees, want = append(spaces, p.space), append(sees, p.sees), append(want, p.want...)
	}
	play := func(step string) (answer tasks.Step) {
		t.Helper()
		options, err := json.Marshal(answering{Step: step, Space: "Tuple([" + strings.Join(spaces, ", ") + "])",
			Sees: "[" + strings.Join(sees, ", ") + "]"})
		if err != nil {
			t.Fatal(err)
		}
		env, err := tasks.New("testdata.odd:told", options)
		if err != nil {
			t.Fatal(err)
		}
		defer tasks.Close(env)
		if _, err := env.Reset(1); err != nil {
			t.Fatal(err)
		}
		if answer, err = env.Step(0); err != nil {
			t.Fatal(err)
		}
		return answer
	}
	got := play("np.array([2]), np.False_, 1, {'gt': 'left', 'performance': [1, 2], 'new_trial': np.ones(3)}")
	if !reflect.DeepEqual(got, tasks.Step{Observation: want, Reward: 2, Truncated: true}) {
		t.Errorf("%+v, want %v", got, want)
	}
}
