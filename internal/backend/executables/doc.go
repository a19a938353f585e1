// Package executables keeps the programs that XLA's CPU plugin compiled, in files, so that a program compiled before on
// this machine is loaded in a fraction of a second.
//
// PJRT plugins export a table of C functions. Register gives go-xla a copy of the plugin's table in which the function
// that compiles is ours: it looks for a file of the same program, else lets the plugin compile, and keeps what came
// out (PJRT_Executable_Serialize, PJRT_Executable_DeserializeAndLoad). An executable is machine code: its file is found
// by a hash of the program, the compiler's options, the plugin and the processor, and is loaded only where its own
// checksum, which covers that hash, holds, and where nobody but root and the caller could write it. A file that is
// missing, cut or not understood costs a compilation, never an error.
package executables
