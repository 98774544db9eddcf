# Multi-node tests: real machines, booted over the network. tests/system/README.md.

SUITES += system

suite-system: run-programs
	@tests/system/run
