// Package onnx writes models in the Open Neural Network Exchange format: a graph of operators in protobuf, as
// onnx/onnx.proto defines it. It writes the few messages that a network of float32 needs; Go has no kept library that
// writes the format.
package onnx

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Opset is the version of ONNX's operators that a model uses, and irVersion that of the format, both of 2022.
const (
	Opset     = 17
	irVersion = 8
)

// The types of a tensor's elements.
const (
	float32s = 1
	int64s   = 7
)

// Value names a tensor of a graph.
type Value string

// Graph is a graph in the making. The first axis of inputs and outputs is the batch, of any length.
type Graph struct {
	nodes, constants, inputs, outputs [][]byte
	count                             int // of nameless values
}

// Input adds an input [batch, size].
func (g *Graph) Input(name string, size int) Value {
	g.inputs = append(g.inputs, batchOf(name, size))
	return Value(name)
}

// Output names a value [batch, size] as an output.
func (g *Graph) Output(name string, size int, of Value) {
	g.nodes = append(g.nodes, node("Identity", []Value{of}, []Value{Value(name)}, nil))
	g.outputs = append(g.outputs, batchOf(name, size))
}

// Floats adds a constant of float32 in row-major order; an empty shape is a scalar.
func (g *Graph) Floats(name string, shape []int, data []float32) Value {
	raw := make([]byte, 0, 4*len(data))
	for _, x := range data {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
	}
	return g.constant(name, float32s, shape, raw)
}

// Ints adds a nameless constant of int64, a vector such as a shape or axes.
func (g *Graph) Ints(values ...int) Value {
	var raw []byte
	for _, x := range values {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(int64(x)))
	}
	return g.constant(string(g.name("ints")), int64s, []int{len(values)}, raw)
}

func (g *Graph) constant(name string, kind uint64, shape []int, raw []byte) Value {
	var m []byte
	for _, n := range shape {
		m = number(m, 1, uint64(n))
	}
	m = number(m, 2, kind)
	m = text(m, 8, name)
	g.constants = append(g.constants, bytesOf(m, 9, raw))
	return Value(name)
}

// Attributes are an operator's attributes: whole numbers, or lists of them.
type Attributes map[string][]int

// Op adds an operator with one output, and returns it.
func (g *Graph) Op(kind string, attributes Attributes, inputs ...Value) Value {
	return g.Ops(kind, 1, attributes, inputs...)[0]
}

// Ops adds an operator with several outputs, and returns them.
func (g *Graph) Ops(kind string, outputs int, attributes Attributes, inputs ...Value) []Value {
	names := make([]Value, outputs)
	for i := range names {
		names[i] = g.name(kind)
	}
	g.nodes = append(g.nodes, node(kind, inputs, names, attributes))
	return names
}

func (g *Graph) name(of string) Value {
	g.count++
	return Value(fmt.Sprintf("%s_%d", of, g.count))
}

// Model returns the file of the graph, with a description and metadata.
func (g *Graph) Model(name, version, about string, metadata map[string]string) []byte {
	var graph []byte
	graph = all(graph, 1, g.nodes)
	graph = text(graph, 2, name)
	graph = all(graph, 5, g.constants)
	graph = all(graph, 11, g.inputs)
	graph = all(graph, 12, g.outputs)

	m := number(nil, 1, irVersion)
	m = text(m, 2, "engram")
	m = text(m, 3, version)
	m = text(m, 6, about)
	m = bytesOf(m, 7, graph)
	m = bytesOf(m, 8, number(text(nil, 1, ""), 2, Opset))
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		m = bytesOf(m, 14, text(text(nil, 1, key), 2, metadata[key]))
	}
	return m
}

// node encodes a NodeProto.
func node(kind string, inputs, outputs []Value, attributes Attributes) []byte {
	var m []byte
	for _, input := range inputs {
		m = text(m, 1, string(input))
	}
	for _, output := range outputs {
		m = text(m, 2, string(output))
	}
	m = text(m, 3, string(outputs[0]))
	m = text(m, 4, kind)
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		m = bytesOf(m, 5, attribute(name, attributes[name]))
	}
	return m
}

// attribute encodes an AttributeProto of type INT, or INTS for a list that is not of one number.
func attribute(name string, values []int) []byte {
	const ofInt, ofInts = 2, 7
	m := text(nil, 1, name)
	if name != "axes" && len(values) == 1 {
		return number(number(m, 3, uint64(int64(values[0]))), 20, ofInt)
	}
	for _, v := range values {
		m = number(m, 8, uint64(int64(v)))
	}
	return number(m, 20, ofInts)
}

// batchOf encodes a ValueInfoProto of float32 [batch, size].
func batchOf(name string, size int) []byte {
	shape := bytesOf(nil, 1, text(nil, 2, "batch"))
	shape = bytesOf(shape, 1, number(nil, 1, uint64(size)))
	tensor := bytesOf(number(nil, 1, float32s), 2, shape)
	return bytesOf(text(nil, 1, name), 2, bytesOf(nil, 1, tensor))
}

func all(m []byte, field protowire.Number, messages [][]byte) []byte {
	for _, message := range messages {
		m = bytesOf(m, field, message)
	}
	return m
}

func number(m []byte, field protowire.Number, value uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), value)
}

func text(m []byte, field protowire.Number, value string) []byte {
	return bytesOf(m, field, []byte(value))
}

func bytesOf(m []byte, field protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(m, field, protowire.BytesType), value)
}
