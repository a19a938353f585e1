package watch

import (
	"fmt"

	"engram/plots"
)

// mostPoints bounds the points of a curve. A screen has no more columns.
const mostPoints = 1024

// point is the mean of some values at neighbouring updates.
type point struct{ x, y float64 }

// curve holds a series of numbers in bounded memory. Each point is the mean over stride updates; when there are too
// many points, each two become one and stride doubles. Values at the same update, such as those of a population's
// members, count as one by their mean.
type curve struct {
	points []point
	stride int // updates in a point

	places, values int // updates and values in the point that is being filled
	x              float64
	last           float64 // value added
	sum            point
}

// add adds the value y at the update x, which must not be less than that of the value before.
func (c *curve) add(x, y float64) {
	if c.values > 0 && x != c.x {
		if c.places++; c.places == max(1, c.stride) {
			c.close()
		}
	}
	c.x, c.last, c.values = x, y, c.values+1
	c.sum.x, c.sum.y = c.sum.x+x, c.sum.y+y
}

// close ends the point that is being filled, and halves the points when there are too many.
func (c *curve) close() {
	c.points = append(c.points, c.open())
	c.places, c.values, c.sum = 0, 0, point{}
	if len(c.points) < mostPoints {
		return
	}
	for i := range mostPoints / 2 {
		a, b := c.points[2*i], c.points[2*i+1]
		c.points[i] = point{(a.x + b.x) / 2, (a.y + b.y) / 2}
	}
	c.points, c.stride = c.points[:mostPoints/2], 2*max(1, c.stride)
}

// open returns the point that is being filled, as the mean of the values so far.
func (c *curve) open() point {
	return point{c.sum.x / float64(c.values), c.sum.y / float64(c.values)}
}

// all returns the points, including the one that is being filled.
func (c *curve) all() []point {
	if c.values == 0 {
		return c.points
	}
	return append(c.points[:len(c.points):len(c.points)], c.open())
}

// newest returns the value that was added last as text.
func (c *curve) newest() string {
	if len(c.all()) == 0 {
		return "not yet"
	}
	return fmt.Sprintf("%.4g", c.last)
}

// series returns the curve as a series of a chart.
func (c *curve) series(name string) plots.Series {
	s := plots.Series{Name: name}
	for _, p := range c.all() {
		s.X, s.Y = append(s.X, p.x), append(s.Y, p.y)
	}
	return s
}
