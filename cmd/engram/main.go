// Command engram trains, evaluates and shows agents whose memory is synaptic plasticity.
package main

import "engram/cmd"

func main() { cmd.Main() }
