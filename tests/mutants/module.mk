# Defects of one line each, which the unit tests and the simulator must find.
#
#   make mutants [SEED=1] [N=200] [SEEDS=300]

MUTANTS_FILES := $(sort $(wildcard netipc/core/*.c netipc/core/frames/*.c netipc/crypto/*.c \
                        netipc/server/*.c cluster/core/*.c))

LONG_SUITES += mutants
.PHONY: mutants
mutants: suite-mutants

suite-mutants:
	@tests/mutants/run $(or $(SEED),1) $(or $(N),200) $(or $(SEEDS),300) $B/tests/mutants $(MUTANTS_FILES)

SUITES += mutants-drawn
suite-mutants-drawn:
	@tests/unit/mutants/run $(MUTANTS_FILES)
