package export

import (
	"encoding/json"
	"fmt"
	"strconv"

	"engram/drqn"
	"engram/internal/onnx"
	"engram/lab"
	"engram/mpn"
)

// onnxFile returns one step of the newest checkpoint's agent as a model of ONNX: observation [batch, O] and state
// [batch, S] to values [batch, A] and next_state [batch, S]. The state of a new episode is zero. What the agent
// observes, with its previous action and reward where it reads them, is in the metadata.
func onnxFile(r *lab.Run) ([]file, error) {
	policy, update, err := r.Policy()
	if err != nil {
		return nil, err
	}
	metadata, err := aboutPolicy(r, policy, update)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", r.Dir, err)
	}
	n := network{config: policy.Config()}
	about := fmt.Sprintf("one step of an agent of engram, trained on %s", r.Config.Task)
	return []file{{name: "policy.onnx", data: n.model(policy, r.About.Engram, about, metadata)}}, nil
}

// aboutPolicy returns the metadata of a policy's model.
func aboutPolicy(r *lab.Run, p *drqn.Policy, update int64) (map[string]string, error) {
	metadata := map[string]string{"update": strconv.FormatInt(update, 10)}
	for name, value := range map[string]any{"config": r.Config, "observations": p.Spec().Observations,
		"actions": p.Spec().Actions} {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		metadata[name] = string(text)
	}
	return metadata, nil
}

// network builds the graph of a config's network. The equations are those of package mpn.
type network struct {
	onnx.Graph
	config drqn.Config
}

// weights are constants of the graph by name.
type weights map[string]onnx.Value

func (n *network) model(p *drqn.Policy, version, about string, metadata map[string]string) []byte {
	w := weights{}
	shapes := map[string][]int{}
	for _, t := range p.Tensors() {
		w[t.Name], shapes[t.Name] = n.Floats(t.Name, t.Shape, t.Data), t.Shape
	}
	size := 1
	for _, axis := range p.StateShape() {
		size *= axis
	}
	if p.StateShape() == nil {
		size = 0
	}
	x, state := n.Input("observation", len(p.Spec().Observations)), n.Input("state", size)
	input := len(p.Spec().Observations)
	if projection, found := w["W_rand"]; found {
		x, input = n.affine(x, projection, w["b_rand"]), shapes["W_rand"][0]
	}
	h, next := n.cell(w, x, state, input)
	n.Output("values", len(p.Spec().Actions), n.head(w, h))
	n.Output("next_state", size, next)
	return n.Model("agent", version, about, metadata)
}

// affine returns W x + b.
func (n *network) affine(x, w, b onnx.Value) onnx.Value {
	return n.Op("Gemm", onnx.Attributes{"transB": {1}}, x, w, b)
}

// head returns the values of the actions given h.
func (n *network) head(w weights, h onnx.Value) onnx.Value {
	if readout, found := w["Wr"]; found {
		h = n.Op("Relu", nil, n.affine(h, readout, w["br"]))
	}
	q := n.affine(h, w["Wq"], w["bq"])
	if value, found := w["Wv"]; found {
		mean := n.Op("ReduceMean", onnx.Attributes{"axes": {1}}, q)
		q = n.Op("Add", nil, n.affine(h, value, w["bv"]), n.Op("Sub", nil, q, mean))
	}
	return q
}

// cell returns h and the next state of a cell of one layer or two that reads so many inputs.
func (n *network) cell(w weights, x, state onnx.Value, input int) (h, next onnx.Value) {
	if n.config.Layers < 2 {
		return n.layer(w, x, state, input)
	}
	sizes := n.Ints(n.stateSize(input), n.stateSize(n.config.Hidden))
	states := n.Ops("Split", 2, onnx.Attributes{"axis": {1}}, state, sizes)
	h, first := n.layer(w.of("1."), x, states[0], input)
	h, second := n.layer(w.of("2."), h, states[1], n.config.Hidden)
	return h, n.Op("Concat", onnx.Attributes{"axis": {1}}, first, second)
}

// of returns the weights of a layer by their names without the prefix.
func (w weights) of(prefix string) weights {
	layer := weights{}
	for name, value := range w {
		if len(name) > len(prefix) && name[:len(prefix)] == prefix {
			layer[name[len(prefix):]] = value
		}
	}
	return layer
}

// stateSize returns the size of a layer's state.
func (n *network) stateSize(input int) int {
	switch n.config.Cell {
	case "mpn":
		return n.config.Hidden * input
	case "frozen":
		return 0
	case "lstm":
		return 2 * n.config.Hidden
	}
	return n.config.Hidden
}

func (n *network) layer(w weights, x, state onnx.Value, input int) (h, next onnx.Value) {
	switch n.config.Cell {
	case "mpn":
		return n.mpn(w, x, state, input)
	case "frozen":
		return n.Op("Tanh", nil, n.affine(x, w["W"], w["b"])), state
	case "rnn":
		h = n.Op("Tanh", nil, n.Op("Add", nil, n.affine(x, w["W"], w["b"]), n.product(state, w["U"])))
		return h, h
	case "gru":
		h = n.gru(w, x, state)
		return h, h
	case "lstm":
		return n.lstm(w, x, state)
	}
	panic(fmt.Errorf("export: no graph of cell %q", n.config.Cell))
}

// product returns U h.
func (n *network) product(h, u onnx.Value) onnx.Value {
	return n.Op("Gemm", onnx.Attributes{"transB": {1}}, h, u)
}

func (n *network) split(x onnx.Value, parts int) []onnx.Value {
	return n.Ops("Split", parts, onnx.Attributes{"axis": {1}}, x)
}

func (n *network) gru(w weights, x, h onnx.Value) onnx.Value {
	byX, byH := n.split(n.affine(x, w["W"], w["b"]), 3), n.split(n.product(h, w["U"]), 3)
	r := n.Op("Sigmoid", nil, n.Op("Add", nil, byX[0], byH[0]))
	z := n.Op("Sigmoid", nil, n.Op("Add", nil, byX[1], byH[1]))
	fresh := n.Op("Tanh", nil, n.Op("Add", nil, byX[2], n.Op("Mul", nil, r, byH[2])))
	// (1 - z) n + z h = n + z (h - n)
	return n.Op("Add", nil, fresh, n.Op("Mul", nil, z, n.Op("Sub", nil, h, fresh)))
}

func (n *network) lstm(w weights, x, state onnx.Value) (h, next onnx.Value) {
	parts := n.split(state, 2)
	gates := n.split(n.Op("Add", nil, n.affine(x, w["W"], w["b"]), n.product(parts[0], w["U"])), 4)
	i, f, o := n.Op("Sigmoid", nil, gates[0]), n.Op("Sigmoid", nil, gates[1]), n.Op("Sigmoid", nil, gates[3])
	kept, written := n.Op("Mul", nil, f, parts[1]), n.Op("Mul", nil, i, n.Op("Tanh", nil, gates[2]))
	c := n.Op("Add", nil, kept, written)
	h = n.Op("Mul", nil, o, n.Op("Tanh", nil, c))
	return h, n.Op("Concat", onnx.Attributes{"axis": {1}}, h, c)
}

// mpn reads and writes M, as mpn.Variant does.
func (n *network) mpn(w weights, x, state onnx.Value, input int) (h, next onnx.Value) {
	c, hidden := n.config, n.config.Hidden
	m := n.Op("Reshape", nil, state, n.Ints(-1, hidden, input))
	modulated := n.Op("Add", nil, w["W"], m)
	if c.Form != mpn.FormAdditive {
		modulated = n.Op("Add", nil, w["W"], n.Op("Mul", nil, w["W"], m)) // W (1 + M)
	}
	column := n.Ints(2) // the axis that makes a vector of each sequence a column
	y := n.Op("MatMul", nil, modulated, n.Op("Unsqueeze", nil, x, column))
	h = n.Op("Tanh", nil, n.Op("Add", nil, w["b"], n.Op("Squeeze", nil, y, column)))

	decay := n.overM(w["lambda"], c.LambdaShape)
	if gate, found := w["forget_w"]; found {
		gain := n.Floats(string(gate)+"_gain", nil, []float32{float32(c.ForgetGain)})
		opened := n.Op("Sigmoid", nil, n.Op("Mul", nil, n.affine(x, gate, w["forget_b"]), gain))
		decay = n.Op("Mul", nil, decay, n.Op("Unsqueeze", nil, opened, column))
	}
	written := n.overM(w["eta"], c.EtaShape)
	if c.Plasticity != mpn.PlasticityPresynaptic {
		written = n.Op("Mul", nil, written, n.Op("Unsqueeze", nil, h, column))
	}
	if c.Plasticity != mpn.PlasticityPostsynaptic {
		written = n.Op("Mul", nil, written, n.Op("Unsqueeze", nil, x, n.Ints(1))) // a row
	}
	m = n.Op("Add", nil, n.Op("Mul", nil, decay, m), written)
	if c.MemoryBound > 0 {
		bound := float32(c.MemoryBound)
		low := n.Floats(string(w["W"])+"_low", nil, []float32{-bound})
		m = n.Op("Clip", nil, m, low, n.Floats(string(w["W"])+"_high", nil, []float32{bound}))
	}
	return h, n.Op("Reshape", nil, m, n.Ints(-1, hidden*input))
}

// overM returns eta or lambda so that it broadcasts over M [H, I].
func (n *network) overM(parameter onnx.Value, shape mpn.Shape) onnx.Value {
	if shape == mpn.ShapeRow {
		return n.Op("Unsqueeze", nil, parameter, n.Ints(1))
	}
	return parameter
}
