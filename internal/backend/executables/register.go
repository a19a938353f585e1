package executables

/*
#cgo LDFLAGS: -ldl
#include <stdlib.h>
#include "pjrt.h"

extern void *engramCompile(pjrt_compile_args *args);
*/
import "C"

import (
	"sync"
	"time"
	"unsafe"

	"github.com/gomlx/go-xla/pjrt"
)

// registered is the plugin whose executables are kept: PJRT's functions do not say which plugin they belong to, so
// there is one per process.
var registered struct {
	sync.Mutex
	api   *C.pjrt_api
	path  string
	store *store
}

// Register makes go-xla keep, in the folder dir, what the plugin at an absolute path compiles. A plugin of an interface
// that we do not know, or a second one, is left as it is; so is each where others own the folder or may write it.
func Register(path, dir string) error {
	registered.Lock()
	defer registered.Unlock()
	if registered.api != nil || checkFolder(dir) != nil {
		return nil
	}
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	api := C.pjrt_open(name)
	if api == nil {
		return nil
	}
	store, err := newStore(dir, path)
	if err != nil {
		return err
	}
	registered.api, registered.path, registered.store = api, path, store
	ours := C.pjrt_with(api, C.engramCompile)
	return pjrt.RegisterPreloadedPlugin(path, uintptr(unsafe.Pointer(ours)))
}

// worthKeeping is the time of a compilation from which on its result is kept.
const worthKeeping = 100 * time.Millisecond

// engramCompile replaces PJRT_Client_Compile, and returns PJRT's error.
//
//export engramCompile
func engramCompile(args *C.pjrt_compile_args) unsafe.Pointer {
	api, store := registered.api, registered.store
	program := args.program
	file := store.file(bytesOf(program.format, program.format_size), bytesOf(program.code, program.code_size),
		bytesOf(args.options, args.options_size))
	if kept := file.read(); len(kept) > 0 && C.pjrt_load(api, args, unsafe.Pointer(&kept[0]),
		C.size_t(len(kept))) == 1 {
		return nil
	}
	began := time.Now()
	if err := C.pjrt_compile(api, args); err != nil {
		return err
	}
	if time.Since(began) > worthKeeping {
		out := C.pjrt_serialize(api, args)
		file.write(bytesOf(out.bytes, out.size))
		C.pjrt_release(out)
	}
	return nil
}

// bytesOf returns C's memory as a slice, without a copy.
func bytesOf(data *C.char, size C.size_t) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(data)), int(size))
}
