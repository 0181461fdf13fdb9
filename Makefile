# Everything a newcomer needs: make run, make test, make check. The virtual environment is made by the first of them.
PYTHON ?= python3.11
INDEX ?= .rolesearch
PORT ?= 8501
BIN := .venv/bin

.PHONY: install run test check bench bench-docs bench-quality bench-attributes bench-twins bench-ingest bench-page bench-load bench-fit chaos soak train graph table pictures lock fuzz audit sbom clean

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

run: install
	$(BIN)/rolesearch ingest corpus --index $(INDEX)
	$(BIN)/rolesearch ui --index $(INDEX) --port $(PORT)

test: install
	$(BIN)/python -m pytest

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Beside other systems, which it installs below .bench, and as it grows; every target beside its figure. ARGS="--help" says what can be made larger.
bench: install
	$(BIN)/python -m bench.targets $(ARGS)

# Writes the figures of the last `make bench` into docs/performance.md, and draws its charts.
bench-docs: install
	$(BIN)/python -m bench.report

# nDCG@10 of every judged set for words, meaning, both, and what a search does by default; what the attributes that are read are worth.
bench-quality: install
	$(BIN)/python -m bench.quality --kinds

bench-attributes: install
	$(BIN)/python -m bench.attributes

# Near-identical roles by grade, and how many of a labelled sample are what their grade says.
bench-twins: install
	$(BIN)/python -m bench.twins

# An ingest against the bare forward pass of the model, ingests that find little new, and cold starts.
bench-ingest: install
	$(BIN)/python -m bench.ingest

# From Enter to the drawn answer, in a headless browser over 5,000 postings.
bench-page: install
	$(BIN)/python -m bench.page

# Searches over HTTP by 1, 8 and 32 clients while roles are ingested.
bench-load: install
	$(BIN)/python -m bench.load

# What a score means: fits the curves of search/fit.py to judged queries and shows how far they hold.
bench-fit: install
	$(BIN)/python -m bench.fit

# Kills and disturbs ingests at each of their steps, thousands of times, and looks at the index afterwards; needs Linux and a C compiler. About an hour.
chaos: install
	$(BIN)/python tests/chaos.py

# Ten minutes of one writer beside many readers, in threads and processes.
soak: install
	$(BIN)/python tests/soak.py

# Trains the query adapter anew and writes search/adapter.safetensors; needs the O*NET files, see bench/train.py.
train: install
	$(BIN)/python -u -m bench.train

# Writes the operations of the shipped model, search/all-MiniLM-L6-v2.*.onnx, anew.
graph: install
	$(BIN)/python -m bench.graph

# Measures the three modes on corpus/judgements and writes the table in README.md.
table: install
	$(BIN)/python -m bench.readme_table

# Takes the pictures of the page that stand in README.md.
pictures: install
	$(BIN)/python -m bench.pictures

# Pins everything that is installed, from pyproject.toml. No hashes: the same version of torch comes as different files on different machines.
lock: install
	$(BIN)/pip-compile --quiet --extra dev --extra scale --strip-extras --allow-unsafe --no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--resolver backtracking --output-file requirements.lock pyproject.toml
	sed -i 's/^\(torch==[0-9.]*\)+.*/\1/' requirements.lock

# Fuzzes every reader, the query language and the JSON inputs, each for T seconds; what fails is kept in tests/fuzz/corpus.
T ?= 60
fuzz: install
	$(BIN)/pip install --quiet --disable-pip-version-check 'atheris==3.0.0'
	$(BIN)/python -m tests.fuzz $(T)

# Known weaknesses of the pinned versions; needs a network. Without one, docs/security.md has what was known when it was written.
audit: .tools/installed
	@# Without --strict it would pass over what it cannot look up, and find nothing.
	.tools/bin/pip-audit --strict --requirement requirements.lock --no-deps --disable-pip || { echo "weaknesses were found, or not all packages could be looked up; see docs/security.md"; exit 1; }

# All packages with versions and licences, as CycloneDX, in sbom.json.
sbom: install .tools/installed
	.tools/bin/cyclonedx-py environment --output-format JSON --output-file sbom.json $(BIN)/python

# Apart from .venv, so that they change nothing in what they look at.
.tools/installed:
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check 'pip-audit==2.10.1' 'cyclonedx-bom==7.5.0'
	touch $@

clean:
	rm -rf .venv .tools .fuzz sbom.json .rolesearch .bench .pytest_cache .mypy_cache .ruff_cache .hypothesis
