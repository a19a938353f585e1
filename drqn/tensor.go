package drqn

// Tensor is one named parameter of an agent.
type Tensor struct {
	Name  string
	Shape []int     // empty: a scalar
	Data  []float32 // row-major
}

// Tensors are the parameters of a member's vector [P] by name, in their order and in the same memory.
func (n *Network) Tensors(flat []float32) []Tensor {
	values := n.Values(flat)
	list := make([]Tensor, len(n.params))
	for i, p := range n.params {
		list[i] = Tensor{p.Name, p.Shape, values[p.Name]}
	}
	return list
}

// Tensors are the policy's parameters.
func (p *Policy) Tensors() []Tensor { return p.agent.net.Tensors(p.weights) }
