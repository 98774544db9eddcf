# Multi-node tests: real machines, booted over the network. tests/system/README.md.

SUITES += system

suite-system: run-programs
	@tests/system/run

# Eight nodes that transfer to each other for an hour: `make soak MINUTES=60`.
LONG_SUITES += soak
suite-soak: run-programs
	@tests/system/soak 5

MINUTES := 60
.PHONY: soak
soak: setup-run
	@$(MAKE) --no-print-directory run-programs
	@tests/system/soak $(MINUTES)
