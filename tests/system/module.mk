# Multi-node tests: real machines, booted over the network. tests/system/README.md.

SUITES += system

.PHONY: suite-system
suite-system: run-programs
	@tests/system/run
