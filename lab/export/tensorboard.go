package export

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"engram/lab"
)

// eventFiles returns TensorBoard's event file of scalars: train/ from the metrics and eval/ from the evaluations, over
// updates, each with the time of its report.
func eventFiles(r *lab.Run) ([]file, error) {
	l, err := linesOf(r)
	if err != nil {
		return nil, err
	}
	clock := clock{r.About.Created, l.timing}
	var events []event
	for _, m := range l.metrics {
		events = append(events, event{clock.at(m.Update), m.Update, scalars("train/", m)})
	}
	for _, e := range l.evaluations {
		events = append(events, event{clock.at(e.Update), e.Update, scalars("eval/", e)})
	}
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.step, b.step) })
	// TensorBoard finds the file by this prefix
	name := fmt.Sprintf("events.out.tfevents.%010d.engram", r.About.Created.Unix())
	return []file{{filepath.Join("tensorboard", name), eventFile(r.About.Created, events), true}}, nil
}

// clock knows when updates were reported.
type clock struct {
	created time.Time
	timing  []lab.Timing
}

// at returns the time of the last report up to an update, or of the run's beginning.
func (c clock) at(update int64) time.Time {
	after, _ := slices.BinarySearchFunc(c.timing, update+1,
		func(t lab.Timing, u int64) int { return cmp.Compare(t.Update, u) })
	if after == 0 {
		return c.created
	}
	return c.created.Add(time.Duration(c.timing[after-1].Seconds * float64(time.Second)))
}

// event is a TensorBoard event: values at a step.
type event struct {
	time   time.Time
	step   int64
	values []scalar
}

type scalar struct {
	tag   string
	value float64
}

// alwaysScalar lists numbers that earlier versions exported also where JSON omits them.
var alwaysScalar = []string{"lambda", "trial_ceiling"}

// scalars returns the numbers of a struct by their names in JSON, except those that identify the line.
func scalars(prefix string, line any) (list []scalar) {
	v := reflect.ValueOf(line)
	for _, f := range fieldsOf(v.Type()) {
		if slices.Contains([]string{"member", "update", "seed"}, f.name) {
			continue
		}
		switch x, omitted := f.of(v); {
		case omitted && !slices.Contains(alwaysScalar, f.name):
		case x.CanFloat():
			list = append(list, scalar{prefix + f.name, x.Float()})
		case x.CanInt():
			list = append(list, scalar{prefix + f.name, float64(x.Int())})
		}
	}
	return list
}

// eventFile returns the content of an event file: the version, which TensorBoard asks for first, the begin of a
// session, at which a TensorBoard that shows an earlier file of the run drops that file's values, and the events.
func eventFile(created time.Time, events []event) []byte {
	var out bytes.Buffer
	first := protowire.AppendTag(appendTime(nil, created), 3, protowire.BytesType)
	record(&out, protowire.AppendString(first, "brain.Event:2"))
	start := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 1) // SessionLog: status START
	record(&out, protowire.AppendBytes(protowire.AppendTag(appendTime(nil, created), 7, protowire.BytesType), start))
	for _, e := range events {
		record(&out, e.encode())
	}
	return out.Bytes()
}

// encode returns the event as a message Event of tensorboard/compat/proto/event.proto, with a Summary of simple values.
func (e event) encode() []byte {
	var summary []byte
	for _, s := range e.values {
		value := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), s.tag)
		value = protowire.AppendFixed32(protowire.AppendTag(value, 2, protowire.Fixed32Type),
			math.Float32bits(float32(s.value)))
		summary = protowire.AppendBytes(protowire.AppendTag(summary, 1, protowire.BytesType), value)
	}
	b := appendTime(nil, e.time)
	b = protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.VarintType), uint64(e.step))
	return protowire.AppendBytes(protowire.AppendTag(b, 5, protowire.BytesType), summary)
}

func appendTime(b []byte, t time.Time) []byte {
	seconds := float64(t.UnixNano()) / 1e9
	return protowire.AppendFixed64(protowire.AppendTag(b, 1, protowire.Fixed64Type), math.Float64bits(seconds))
}

// record appends a TFRecord: the length, its checksum, the data, and their checksum.
func record(out *bytes.Buffer, data []byte) {
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	out.Write(binary.LittleEndian.AppendUint32(length, maskedCRC(length)))
	out.Write(binary.LittleEndian.AppendUint32(slices.Clip(data), maskedCRC(data)))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// maskedCRC returns the CRC-32C as TFRecord stores it, rotated and shifted by a constant.
func maskedCRC(data []byte) uint32 {
	sum := crc32.Checksum(data, castagnoli)
	return (sum>>15 | sum<<17) + 0xa282ead8
}
