# Multi-node tests: real machines, booted over the network. tests/system/README.md.

# By far the longest: the others run beside it.
SUITES := system $(SUITES)
LONG_SUITES += system-programs

suite-system: run-programs
	@tests/system/run

# A thousand programs in a row leave nothing.
suite-system-programs: run-programs
	@PROGRAMS=1000 tests/system/programs_test.sh test_many_programs_leave_nothing

# Eight nodes that transfer to each other for an hour: `make soak MINUTES=60`.
LONG_SUITES += soak
suite-soak: run-programs
	@tests/system/soak 5

MINUTES := 60
.PHONY: soak
soak: setup-run
	@$(MAKE) --no-print-directory run-programs
	@tests/system/soak $(MINUTES)
