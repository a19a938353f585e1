// Package bridge makes environments of Python: gymnasium:CartPole-v1, popgym:popgym-RepeatFirstEasy-v0,
// neurogym:AntiReach-v0, or package.module:callable, which returns one. Importing it lets tasks.New find them.
//
// A worker (worker.py, in this binary) is a process of the user's Python with N environments that step together, in
// lockstep; a second lockstep may be made in it, so that a run trains and evaluates in one process. A worker needs
// gymnasium, 0.26 or later, and numpy, and keeps no randomness: each reset has a seed from Go. An episode is
// restored by its seed and actions (tasks.New makes it so); at the start the worker checks, in two copies, that these
// decide it. Nothing is unpickled.
//
// # Protocol 1
//
// On its stdin the worker reads one JSON line, a request, and then frames; it writes one JSON line, a Description or an
// error, and a frame for each frame. A request may ask for the descriptions of several environments, or for the names
// that a package registers: a line each, after which the worker ends. What environments print goes to stderr, of which
// engram keeps the end. All numbers are little-endian.
//
//	to the worker    op u8 (0 reset, 1 step, 2 describe, 3 make, 4 use) | size u32 | reset: environment u32, seed
//	                 u64; step: i32 [N], or -1; describe: environment u32; make: N u32, of a further lockstep, which
//	                 takes the frames that follow; use: number u32 of the lockstep that does, without an answer
//	from the worker  0 u8 | size u32 | observations f32 [N, O] | rewards f32 [N] | ground truth i32 [N] | flags u8 [N]
//	                 1 u8 | size u32 | JSON {error, environment, doing}
//	                 2 u8 | size u32 | JSON {params, periods}, the answer to describe: the current trial, or episode;
//	                 {}, the answer to make
//
// The flags are 1 terminated, 2 truncated, 4 end of a trial, 8 answered correctly, 16 there is a ground truth.
// Observations are flat as gymnasium.spaces.utils.flatten makes them.
package bridge
