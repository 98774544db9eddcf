# How much of the protocol and of the registry the tests on the host reach.
#
#   make coverage [SEEDS=20]

COVERAGE_FILES := $(sort $(wildcard netipc/*/*.c netipc/core/frames/*.c cluster/core/*.c))

LONG_SUITES += coverage
.PHONY: coverage
coverage: suite-coverage

suite-coverage:
	@tests/coverage/run $B/coverage $(or $(SEEDS),20) $(COVERAGE_FILES)
