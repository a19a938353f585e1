package replay

// Usage counts how a network used the steps that it computed over batches, to compare samplers.
type Usage struct {
	Windows       int // rows
	ForwardPasses int // observations read, padding included: B·T
	Useful        int // transitions with loss
	Padded        int // steps of padding
	Cut           int // windows that begin after their episode's first step
}

// Add counts a batch.
func (u *Usage) Add(b *Batch) {
	u.Windows += b.Size
	u.ForwardPasses += b.Size * b.Steps
	for i := range b.Size {
		u.Useful += int(b.Lengths[i])
		if b.FirstSteps[i] > 0 {
			u.Cut++
		}
		for _, valid := range b.Valid[i*(b.Steps+1):][:b.Steps] {
			if valid == 0 {
				u.Padded++
			}
		}
	}
}

// WastedShare returns the share of steps that are padding, 0 to 1.
func (u Usage) WastedShare() float64 { return float64(u.Padded) / float64(u.ForwardPasses) }

// PassesPerUseful returns the number of steps computed for each transition with loss, 1 or more.
func (u Usage) PassesPerUseful() float64 { return float64(u.ForwardPasses) / float64(u.Useful) }
