package gobackend_test

import (
	"fmt"
	"log"

	"engram/gobackend"
)

// The backend needs nothing installed.
func ExampleOpen() {
	b, err := gobackend.Open()
	if err != nil {
		log.Fatal(err)
	}
	defer b.Finalize()
	fmt.Println(b.Name())
	// Output: Go Backend
}
