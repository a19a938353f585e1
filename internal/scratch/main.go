package main

import (
	"context"
	"fmt"
	"os"
	"sort"

	"engram/lab"
)

func main() {
	r, err := lab.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	p, _, err := r.Policy()
	if err != nil {
		panic(err)
	}
	ts, _ := p.Rollout(context.Background(), 600, 7)
	type k struct{ m, off int }
	count := map[k]int{}
	ms := map[int]int{}
	rew := map[int]float64{}
	for _, t := range ts {
		var m, prod int
		for _, q := range t.Periods {
			if q.Name == "measure" {
				m = q.End - q.Start
			}
			if q.Name == "production" {
				prod = q.Start
			}
		}
		last := len(t.Actions) - 1
		off := last - prod
		if t.Actions[last] != 1 {
			off = 99
		}
		count[k{m, off - (m - 1)}]++
		ms[m]++
		for _, x := range t.Rewards {
			rew[m] += float64(x)
		}
	}
	var keys []int
	for m := range ms {
		keys = append(keys, m)
	}
	sort.Ints(keys)
	for _, m := range keys {
		fmt.Printf("measure %d: reward %.2f  offsets ", m, rew[m]/float64(ms[m]))
		for o := -20; o < 100; o++ {
			if c := count[k{m, o}]; c > 0 {
				fmt.Printf("%d:%d ", o, c)
			}
		}
		fmt.Println()
	}
}
