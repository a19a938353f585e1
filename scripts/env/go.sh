# Sourced by what compiles cells, with the root of engram's clone in $clone: the surroundings of Go and of XLA.
export PJRT_PLUGIN_LIBRARY_PATH=${PJRT_PLUGIN_LIBRARY_PATH:-$clone/.venv/lib/go-xla}
export PATH=$clone/bin:$PATH${ENGRAM_GO:+:$ENGRAM_GO}
case " ${GOFLAGS:-} " in
*" -ldflags="*) ;;
*) export GOFLAGS="${GOFLAGS:-} -ldflags=-s" ;; # a cell links in half the time without debugger tables
esac
# As the Makefile has it: with another experiment everything would be compiled again.
export GOEXPERIMENT=${GOEXPERIMENT-$(GOEXPERIMENT=simd go env GOEXPERIMENT 2> /dev/null)}
