# Everything is set up on the way: `make play` and `make test` work on a fresh clone.
# Flags for the program go into ARGS: make play ARGS="--style jazz --bpm 140"

.DEFAULT_GOAL := help
.PHONY: help play test test-runtime explore test-device mutants check format dist bench survive sounds compare polyphony melody blues waveform tables picture voice chorale companions install clean

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
ARGS ?=
CORPORA ?= corpora
CORPUS := --corpus folk=$(CORPORA)/traditional_dance_tunes/traditional_dance_tunes.npz \
	--corpus hymn=$(CORPORA)/open_hymnal_melodies/open_hymnal_melodies.npz \
	--corpus song=$(CORPORA)/openewld_leadsheets/openewld_leadsheets_pd.npz \
	--corpus bach=$(CORPORA)/jsb_chorales_16th/jsb_chorales_16th_satb.npz \
	--corpus jazz=$(CORPORA)/weimar_jazz_solos/weimar_jazz_solos.npz

SATB := $(CORPORA)/jsb_chorales_16th/jsb_chorales_16th_satb.npz

ROLLS := $(foreach set,jsb=jsb_chorales nottingham=nottingham muse=musedata piano=piano_midi,--set \
	$(subst =,=$(CORPORA)/polyphonic_piano_roll/,$(set)).npz)
NOTE_LISTS = $(foreach set,jsb nottingham muse piano,$(addprefix --trained note-list/$(set)=, \
	$(wildcard runs/frames/$(set)/best.npz)))

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

play: install  ## make music that never stops, and open its panel in the browser (ARGS="--style jazz")
	@$(BIN)/perpetuum play --panel $(ARGS)

install: $(VENV)/.runtime  ## set up what playing needs, nothing more (no PyTorch)

test: check  ## run every check and every test
	$(BIN)/python -m pytest $(ARGS)

test-runtime: $(VENV)/.test  ## run the tests of what plays, without PyTorch
	$(BIN)/python -m pytest tests/stream tests/setup tests/test_structure.py tests/test_release.py $(ARGS)

explore: $(VENV)/.dev  ## run the tests on other examples than ever, and more of them
	$(BIN)/python -m pytest --hypothesis-profile=explore $(ARGS)

test-device: $(VENV)/.dev  ## as root, on Debian: try the appliance on emulated machines (half an hour)
	@setup/system_packages.sh device
	$(BIN)/python -m pytest tests/device $(ARGS)

mutants: $(VENV)/.dev  ## put small faults into the code, and count which of them the tests notice (an hour)
	@$(PIP) 'mutmut>=3.8'
	$(BIN)/python -m benchmarks.resilience.mutants $(ARGS)

check: $(VENV)/.dev  ## lint, formatting, types, and whether docstrings are sentences
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tests/sentences.py stream export benchmarks docs

format: $(VENV)/.dev  ## put the code into its usual form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev  ## run the benchmarks (CORPORA=FOLDER for what is composed, see export/README.md)
	$(BIN)/python -m benchmarks.timing.lateness
	$(BIN)/python -m benchmarks.timing.start
	$(BIN)/python -m benchmarks.timing.footprint
	$(BIN)/python -m benchmarks.timing.compose
	$(BIN)/python -m benchmarks.resilience.fuzz
	test ! -d $(CORPORA) || $(BIN)/python -m benchmarks.music.listen $(CORPUS)

survive: $(VENV)/.dev  ## kill, stop and soak it for hours: benchmarks/results/{kills,stops,soak}.md
	@setup/system_packages.sh device
	$(BIN)/python -m benchmarks.resilience.kills
	$(BIN)/python -m benchmarks.resilience.stops
	$(BIN)/python -m benchmarks.resilience.soak

compare: $(VENV)/.dev  ## measure the paper's claims and all around them: benchmarks/results/vrash.md
	$(BIN)/python -m benchmarks.vrash $(CORPUS) --across jazz=bach
	$(BIN)/python -m benchmarks.music.baselines $(CORPUS)
	$(BIN)/python -m benchmarks.music.cells $(CORPUS)
	$(BIN)/python -m benchmarks.music.filter $(CORPUS) \
		$(if $(wildcard runs/commons/best.npz),--checkpoint runs/commons/best.npz) \
		$(if $(wildcard $(CORPORA)/listener_ratings),--ratings $(CORPORA)/listener_ratings)
	$(BIN)/python -m benchmarks.music.styles $(CORPUS)
	$(BIN)/python -m benchmarks.music.novelty $(CORPUS)

polyphony: $(VENV)/.dev  ## measure the table of polyphonic models anew (hours; goes on where it was)
	$(BIN)/python -m benchmarks.polyphony $(ROLLS) $(NOTE_LISTS)

melody: $(VENV)/.dev  ## measure the melody nets against n-grams anew (an hour; goes on where it was)
	$(BIN)/python -m benchmarks.melody --corpus $(CORPORA)/nottingham_melody/nottingham_melody.npz

blues: $(VENV)/.dev  ## learn the blues anew, and hear ten thousand choruses (half an hour; goes on where it was)
	$(BIN)/python -m benchmarks.blues --paper 5

waveform: $(VENV)/.dev  ## measure the nets on raw audio anew (half an hour; goes on where it was)
	test -d runs/wave/corpus || $(BIN)/python -m export.wave.render --out runs/wave/corpus
	test -d runs/wave/test || $(BIN)/python -m export.wave.render --seed 501 --pieces 4 --out runs/wave/test
	$(BIN)/python -m benchmarks.waveform --test runs/wave/test

tables: $(VENV)/.dev  ## write the README's tables from benchmarks/results/
	$(BIN)/python -m benchmarks.tables

picture: $(VENV)/.dev  ## draw docs/*.png: the running program, and a chorale
	$(BIN)/python docs/screenshot.py
	$(BIN)/python docs/chorale.py
	$(BIN)/python -m docs.ensembles
	$(BIN)/python docs/panel.py

sounds: $(VENV)/.dev  ## render docs/*.ogg: half a minute of five ensembles
	$(BIN)/python -m docs.sounds

voice: $(VENV)/.dev  ## train the shipped voice anew (CORPORA=FOLDER, see export/README.md)
	$(BIN)/python -m export.melody.train --model vrash --cell mingru --history bars --hidden 256 --depth 3 \
		--epochs 40 --minutes 70 --patience 30 --average 0.999 --rate 0.002 --state-dropout 0.35 \
		--word-dropout 0.08 --tag-dropout 0.05 $(CORPUS) --out runs/commons
	$(BIN)/python -m export.training.averaged runs/commons/last.npz runs/commons/averaged.npz
	$(BIN)/python -m export.melody.to_voice runs/commons/averaged.npz stream/voices/commons.onnx $(CORPUS) \
		--credits stream/voices/CREDITS.md --report benchmarks/results/commons.json
	$(BIN)/python -m export.to_voice.set_ensembles stream/voices/commons.onnx \
		folk=folk hymn=hymn song=song bach=strings jazz=jazz

chorale: $(VENV)/.dev  ## train the four-part voice (half an hour; goes on where it was), and measure it
	$(BIN)/python -m export.chorale.train --satb $(SATB) --out runs/chorale \
		$(if $(wildcard runs/chorale/last.npz),--resume)
	$(BIN)/python -m export.frames.to_voice runs/chorale/best.npz stream/voices/chorale.onnx \
		--satb $(SATB) --credits stream/voices/CREDITS.md --section chorale.onnx
	$(BIN)/python -m benchmarks.music.chorale --satb $(SATB)

TRAINING_harmony := --minutes 25
TRAINING_bass := --minutes 18 --epochs 60
TRAINING_comping := --minutes 24 --epochs 60
TRAINING_hymnal := --minutes 25 --epochs 300 --rows 16 --head-dropout 0.1 --patience 20
TRAINING_drums := --minutes 66 --epochs 60 --rows 24 --length 64 --every 2 --patience 30

companions: $(addprefix companion-,harmony bass comping hymnal drums)  ## train what ensembles need (CORPORA=FOLDER; goes on where it was)

companion-%: $(VENV)/.dev
	$(BIN)/python -m export.companions.train $* --corpora $(CORPORA) --out runs/$* $(TRAINING_$*) \
		$(if $(wildcard runs/$*/last.npz),--resume)
	$(BIN)/python -m export.companions.to_voice runs/$*/best.npz stream/voices/companions/$*.onnx \
		--corpora $(CORPORA) --credits stream/voices/CREDITS.md --section companions/$*.onnx \
		--report benchmarks/results/companion_$*.json

dist: $(VENV)/.dev  ## build dist/, and try it with Python 3.11, 3.12 and 3.13
	@setup/distribution.sh $(BIN)/python dist

clean:  ## remove the virtual environment and everything generated
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What an upgrade of the system or a power cut has broken is made anew, with all that was in it.
ifneq ($(shell setup/virtual_environment.sh check $(VENV) && echo whole),whole)
.PHONY: $(VENV)/bin/python $(VENV)/.runtime $(VENV)/.test $(VENV)/.dev
endif

$(VENV)/bin/python:
	@setup/system_packages.sh python
	@python=$$(setup/find_python.sh) && echo "Setting up $(VENV) with $$python" && \
	setup/virtual_environment.sh make $(VENV) "$$python"

$(VENV)/.runtime: pyproject.toml | $(VENV)/bin/python
	@setup/system_packages.sh play
	@echo "Installing the runtime"
	@$(PIP) --editable '.[panel,osc,radio,day]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	@setup/system_packages.sh test
	@echo "Installing the runtime and the test tools"
	@$(PIP) --editable '.[dev,panel,osc,link,radio,day,home]'
	@touch $@ $(VENV)/.runtime

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	@setup/system_packages.sh test
	@echo "Installing the runtime, the training and the test tools"
	@$(PIP) --editable '.[train,dev,panel,osc,link,radio,day,home]'
	@touch $@ $(VENV)/.runtime $(VENV)/.test
