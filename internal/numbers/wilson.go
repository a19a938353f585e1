package numbers

import "math"

// Wilson returns the 95 % confidence interval of a probability after k successes in n trials (Wilson 1927). It is NaN
// for n = 0.
func Wilson(k, n int) (low, high float64) {
	const z = 1.959963984540054 // normal quantile of 0.975
	trials, share := float64(n), float64(k)/float64(n)
	middle := (share + z*z/(2*trials)) / (1 + z*z/trials)
	half := z / (1 + z*z/trials) * math.Sqrt(share*(1-share)/trials+z*z/(4*trials*trials))
	return middle - half, middle + half
}
