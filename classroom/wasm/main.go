//go:build js && wasm

// Command wasm is the classroom's worker: it answers the requests of the page, one after the other.
package main

import (
	"syscall/js"

	"engram/classroom/lesson"
	"engram/gobackend"
)

func main() {
	backend, err := gobackend.Open()
	if err != nil {
		post(0, "", err)
		return
	}
	room := lesson.NewRoom(backend)
	requests := make(chan js.Value, 64)
	js.Global().Set("onmessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
		requests <- args[0].Get("data")
		return nil
	}))
	post(0, `{"data":null}`, nil)
	for r := range requests {
		answer, err := room.Ask(r.Get("name").String(), []byte(r.Get("input").String()))
		post(r.Get("id").Int(), string(answer), err)
	}
}

// post sends the answer to a request to the page. The worker itself says with number 0 that it is ready.
func post(id int, answer string, err error) {
	message := map[string]any{"id": id}
	if err != nil {
		message["error"] = err.Error()
	} else {
		message["answer"] = answer
	}
	js.Global().Call("postMessage", message)
}
