# engram: `make demo` and `make test` are all one needs; `make` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help setup python-env neurogym-env build demo test check race fuzz bench bench-peers bench-gpu results holds
.PHONY: readme optuna sweep-load job-schema traces golden lab notebooks notebooks-script check-notebooks pictures
.PHONY: test-browser bench-cells lint-docker classroom site clean

# Go's experiment of vector instructions (Go 1.26, amd64) makes a train step on the Go backend a fifth shorter. A Go that
# does not know the experiment builds without it.
export GOEXPERIMENT ?= $(shell GOEXPERIMENT=simd go env GOEXPERIMENT 2> /dev/null)

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "  make %-15s %s\n", $$1, $$2}'

setup: ## install XLA's CPU plugin into .venv (pinned, checked by hash)
	@scripts/setup.sh

python-env: ## install Gymnasium and POPGym into .venv-environments (pinned, checked by hash): docs/python.md
	scripts/env/python.sh environments -c ''

neurogym-env: ## install NeuroGym, with the PyTorch it imports, into .venv-neurogym (5.7 GB): docs/python.md
	scripts/env/python.sh neurogym -c ''

build: ## build bin/engram
	@mkdir -p bin
	go build -o bin/engram ./cmd/engram

demo: ## train an agent on GoNogo until it solves it, live, and write its report
	@scripts/setup.sh --optional
	@$(MAKE) --no-print-directory build
	bin/engram demo

# -vet=off: check has vetted everything. The tests of sweep/cluster wait for Slurm for minutes: they begin first, and three
# packages at once keep two cores busy meanwhile. Notebooks wait for the kernel and the compiler: they run beside the tests
# under the race detector, and both load what XLA compiled for the tests before.
test: setup check lint-docker ## all the tests, on both backends, under the race detector, and the notebooks
	go test -vet=off -timeout 25m -p 3 ./sweep/cluster ./...
	$(MAKE) --no-print-directory -j 2 race check-notebooks

check: ## formatting, vet, staticcheck, which packages link XLA or draw, the form of docs
	scripts/check.sh

# What XLA compiled for the tests before is loaded here. Tests that start no goroutine and take long leave -short out.
race: ## the tests in which goroutines run, under the race detector
	scripts/race.sh

FUZZTIME := 1m
fuzz: ## fuzz each decoder of foreign bytes for FUZZTIME (1m; make fuzz FUZZTIME=1h for long)
	scripts/fuzz.sh $(FUZZTIME)

PEERS := .venv-reference/bin/python
bench: setup build ## measure every row of docs/performance.md, beside PyTorch and JAX where make bench-peers installed them
	bin/engram bench $(if $(wildcard .venv-reference/installed-reference),--peers $(PEERS))
	bin/engram bench growth --out build/growth.svg

bench-peers: ## measure the same train steps in PyTorch and JAX (installs them into .venv-reference, 5 GB)
	@for shape in "64 10" "128 10" "128 50"; do for peer in torch jax; do \
		scripts/env/python.sh reference scripts/peers/$${peer}_step.py $$shape || exit 1; done; done

bench-gpu: build ## the table of make bench on an NVIDIA GPU (installs XLA's CUDA plugin, 3 GB)
	scripts/setup.sh --cuda
	bin/engram bench --backend xla:cuda
	bin/engram bench growth --backend xla:cuda --out build/growth-gpu.svg

TASKS := GoNogo,PerceptualDecisionMaking,DelayMatchSample,ContextDecisionMaking,DelayComparison,IntervalDiscrimination,ReadySetGo,TemporalOrder
results: setup build ## train the runs of docs/results.md again (eight tasks, ten seeds: about an hour on two cores)
	bin/engram suite run --tasks $(TASKS) --seeds 10 --out runs/default
	rm -rf results/default
	bin/engram suite archive runs/default results/default
	$(MAKE) --no-print-directory readme

# Both suites may be stopped at any time: make holds resumes them, and analyses only runs that were not.
HOLD_SEEDS := 10
holds: setup build ## train and analyse the runs of docs/what-memory-holds.md (ten seeds: hours on two cores)
	bin/engram suite run --tasks $(TASKS) --seeds $(HOLD_SEEDS) --out runs/holds
	bin/engram suite run --plan results/integration/suite.json --out runs/integration
	for suite in holds integration; do \
		bin/engram suite holds runs/$$suite > build/$$suite.txt && rm -rf results/$$suite && \
		bin/engram suite archive runs/$$suite results/$$suite && \
		cp runs/$$suite/holds.jsonl results/$$suite/ || exit 1; done
	$(MAKE) --no-print-directory readme

readme: build ## write the tables of docs/ again from results/
	scripts/readme.sh

optuna: build ## compare the sweep's samplers with Optuna's again (results/optuna.md)
	scripts/env/python.sh optuna scripts/peers/optuna_compare.py bin/engram

sweep-load: build ## measure a study of 10,000 trials with 8 worker processes and 20 kills (docs/cluster.md)
	python3 sweep/testdata/load.py bin/engram

KUBERNETES := v1.37.2
job-schema: ## write the schema that Kubernetes manifests are checked against again (sweep/cluster/testdata)
	@mkdir -p build
	module=$$(go mod download -json k8s.io/kubernetes@$(KUBERNETES) | python3 -c 'import json, sys; print(json.load(sys.stdin)["Dir"])') && \
	python3 sweep/cluster/testdata/job_schema.py "$$module/api/openapi-spec/v3/apis__batch__v1_openapi.json" $(KUBERNETES) \
		> build/job-batch-v1.json
	mv build/job-batch-v1.json sweep/cluster/testdata/

traces: ## record the reference traces of NeuroGym again (tasks/testdata)
	scripts/env/python.sh reference tasks/testdata/record_traces.py

golden: ## compute the reference losses and gradients in PyTorch again (drqn/testdata)
	scripts/env/python.sh reference drqn/testdata/golden.py

lab: ## open copies of the notebooks in JupyterLab (work/), or a folder: make lab DIR=~/paper
	@scripts/lab.sh $(if $(filter command line,$(origin DIR)),"$$DIR")

notebooks: python-env ## execute every notebook and write its outputs
	@scripts/lab.sh --run python scripts/notebooks/notebooks.py notebooks/*.ipynb

notebooks-script: ## put a changed plots/assets/draw.js into the notebooks, without executing them
	@scripts/lab.sh --run python scripts/notebooks/library.py notebooks/*.ipynb

check-notebooks: python-env ## execute every notebook and compare the structure of its outputs with the committed ones
	@scripts/lab.sh --run python scripts/notebooks/pictures.py --check
	@scripts/lab.sh --run python scripts/notebooks/notebooks.py --check notebooks/*.ipynb

pictures: ## take the README's pictures out of the notebooks
	@scripts/lab.sh --run python scripts/notebooks/pictures.py

test-browser: ## drive JupyterLab in a real Chromium; screenshots go to build/screenshots
	@scripts/browser.sh

bench-cells: python-env ## measure how long a warm cell of a notebook takes, and each cell of the notebooks
	@scripts/lab.sh --run python scripts/notebooks/bench_cells.py
	@scripts/lab.sh --run python scripts/notebooks/cell_times.py notebooks/*.ipynb

classroom: build ## make the lesson's web page: build/classroom and build/classroom.html (docs/classroom.md)
	bin/engram classroom --out build/classroom --file build/classroom.html
	@ls -l build/classroom build/classroom.html

lint-docker: ## check docker/ as Docker reads it, without an engine
	go -C docker/lint run . ../Dockerfile ../compose.yaml

site: build ## make one static site of the notebooks, with their outputs, the docs and the classroom: build/site
	scripts/site.sh

clean: ## remove what was built and every Python environment (runs stay)
	rm -rf bin build .venv .venv.* .venv-* notebooks/.ipynb_checkpoints
