// Package neural computes what the activity and the memory of a recurrent network hold: its dimensions, what can be
// decoded from it, how units are tuned, and where it would come to rest.
//
// Each function is pure: it takes numbers, and randomness as a parameter. Rows of a matrix are observations (steps or
// trials), columns are units h_i or synapses M_ij.
//
//	function              what it tells                                             source
//	PCA                   directions of most variance, and their variances          Jolliffe 2002, section 1
//	ParticipationRatio    number of dimensions that the variance fills              Gao et al. 2017, eq. 5
//	CrossTemporal         what a linear readout made at one step finds at another   Stokes et al. 2013, Neuron 78:364
//	R2                    share of a variable's variance that is linear in units    least squares
//	Explained             share of all units' variance that is linear in a variable    least squares
//	Selective             share of a unit's variance that a condition explains         Fisher 1925
//	Alignment             how far h lies along the readout                          eLife 83035
//	ROC                   how well one unit tells two conditions apart              Green & Swets 1966
//	Rank, Sparsity        how many patterns a matrix holds, and how few entries     Hoyer 2004, section 3.1
//	Wilson                interval of a probability                                 Wilson 1927
//	Plastic.FixedPoints   every fixed point of an MPN under a constant input        this package: see there
//	Search                fixed points of an RNN or a GRU, by Newton's method       Sussillo & Barak 2013
//
// The tests hold deterministic results equal to scikit-learn's and SciPy's to 1e-8; testdata/neural_reference.py makes
// their numbers.
package neural
