# Portolan. `make run` boots a cluster, `make test` proves it; README.md has the options.
#
# Every component brings a module.mk, included below. It may add to
#   PROGRAMS    files that `make all` builds
#   SUITES      test suites: NAME stands for the target suite-NAME, which prints what it does and
#               ends with a line `N passed, N failed` (or is a Check program)
#   LONG_SUITES the same for `make test-long`
#   CHECKS      targets of `make check`
# Everything that is built goes to $(B), mirroring the source tree.

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDEXPANSION:
.DEFAULT_GOAL := all
# `cd` in recipes and in what they call goes where it says.
unexport CDPATH
# Python keeps nothing beside its sources: whatever is built goes to $(B).
export PYTHONDONTWRITEBYTECODE := 1

B := build
HOSTCC ?= gcc
HOST_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -MMD -MP -I. -I$B
# Seconds that a test of Check may take: far more than any needs, even where many run at once.
export CK_DEFAULT_TIMEOUT := 60
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ_CC := clang-14

PROGRAMS :=
SUITES :=
LONG_SUITES :=
CHECKS :=

# ---- code that runs on the host ----------------------------------------------------------------------
#
# Its objects mirror the tree in three folders: programs, tests (under the sanitizers), fuzzers. All are
# linked with the common code (kernel/common, servers/common), of which each folder has an archive.
#
#   $(call hosted,SOURCES)  $(call checked,SOURCES)  $(call fuzzed,SOURCES)     the objects of .c and .S
#   $(call host_program,FILE,SOURCES,LIBRARIES)       to be evaluated, as all below
#   $(call test_program,FILE,SOURCES,LIBRARIES)       under the sanitizers, with Check
#   $(call test_suite,NAME,SOURCES,LIBRARIES)         the same, and the suite that only runs it
#   $(call fuzz_program,FILE,SOURCES,LIBRARIES)       with libFuzzer, for tests/fuzz/run

# What the host's programs share.
TOOLS_LIB := $(wildcard tools/lib/*.c)

hosted = $(patsubst %,$B/hosted/%.o,$(basename $1))
checked = $(patsubst %,$B/checked/%.o,$(basename $1))
fuzzed = $(patsubst %,$B/fuzzed/%.o,$(basename $1))

$B/hosted/%.o: %.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) -c -o $@ $<

$B/checked/%.o: %.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) -c -o $@ $<

$B/checked/%.o: %.S
	@mkdir -p $(@D)
	$(HOSTCC) -c -o $@ $<

$B/fuzzed/%.o: %.c
	@mkdir -p $(@D)
	$(FUZZ_CC) $(HOST_CFLAGS) $(SANITIZE) -fsanitize=fuzzer-no-link -c -o $@ $<

COMMON := $(wildcard kernel/common/*.c servers/common/*.c)
$(foreach form,hosted checked fuzzed,$(eval $B/$(form)/common.a: $(call $(form),$(COMMON))))
$B/%/common.a:
	@rm -f $@
	ar rcs $@ $^

define host_program
$1: $(call hosted,$2) $B/hosted/common.a
	@mkdir -p $$(@D)
	$(HOSTCC) -o $$@ $$^ $3
endef

define test_program
$1: $(call checked,$2) $B/checked/common.a
	@mkdir -p $$(@D)
	$(HOSTCC) $(SANITIZE) -o $$@ $$^ $3 $$$$(pkg-config --libs check)
endef

define test_suite
SUITES += $1
$(call test_program,$B/tests/unit/$1_test,$2,$3)
suite-$1: $B/tests/unit/$1_test
	$$<
endef

define fuzz_program
$1: $(call fuzzed,$2) $B/fuzzed/common.a
	@mkdir -p $$(@D)
	$(FUZZ_CC) $(SANITIZE) -fsanitize=fuzzer -o $$@ $$^ $3
endef

MODULES := $(sort $(wildcard kernel/module.mk netipc/module.mk servers/module.mk drivers/module.mk \
             cluster/module.mk tools/module.mk tests/module.mk \
             tools/*/module.mk tests/*/module.mk netipc/*/module.mk cluster/*/module.mk \
             servers/*/module.mk drivers/*/*/module.mk))
include $(MODULES)

# With READY=yes suites are made ready, and none is run: their recipes do nothing.
ifdef READY
$(SUITES:%=suite-%) $(LONG_SUITES:%=suite-%): private SHELL := true
endif

.PHONY: all programs run test test-long bench bench-net check checks sim wireshark clean help setup-%
.PHONY: $(SUITES:%=suite-%) $(LONG_SUITES:%=suite-%)

# Goals that make starts again for. What they build others may build, too: beside another goal they take turns, or two
# makes would write the same files at a time.
STARTS_AGAIN := all test test-long check run soak wireshark sdk bench bench-net
ifneq ($(and $(filter $(STARTS_AGAIN),$(MAKECMDGOALS)),$(word 2,$(MAKECMDGOALS))),)
.NOTPARALLEL:
endif

# What is missing is installed first; make starts again with it.
all: setup-run
	@$(MAKE) --no-print-directory programs

programs: $(PROGRAMS)

define HELP
make run        boots a cluster and gives the shell of n1; README.md has the options
make test       runs all tests but the long ones; suite-NAME is one of: $(sort $(SUITES))
make test-long  runs the long ones, too: $(sort $(LONG_SUITES))
make bench      measures; PART=... one part of it (tools/bench/README.md)
make bench-net  measures beside Linux guests; PART, ALTERNATIONS (tools/bench/README.md)
make check      looks over format, includes, READMEs, the system description and likely errors
make sim        simulates clusters; SEED, SEEDS, NODES, CALLS, TRACE, CAPTURE (tests/sim/README.md)
make soak       eight nodes that transfer to each other for an hour; MINUTES (tests/system/README.md)
make mutants    plants defects, which the tests must find; SEED, N, SEEDS (tests/mutants/README.md)
make wireshark  builds the plugin for the Wireshark that is installed
make sdk        puts into build/sdk what programs outside the repository are built with
make all        builds the programs, without running any; make clean removes build/
Where packages are missing, they are installed by apt-get; with SETUP=no they are only named.
endef

help:
	@:$(info $(HELP))

setup-%:
	@tools/setup $*

test: setup-test
	@$(MAKE) --no-print-directory programs
	@tests/run $(SUITES)

test-long: setup-test-long
	@$(MAKE) --no-print-directory programs
	@tests/run $(SUITES) $(LONG_SUITES)

check: setup-test
	@$(MAKE) --no-print-directory checks

checks: $(CHECKS)

# A cluster of this build is taken down first, so that its capture is whole; where that fails, it ends
# by itself once its run directory is gone.
clean:
	@[ ! -x $B/ptl ] || env -u PTL_DIR $B/ptl down || true
	rm -rf $B

-include $(shell test -d $B && find $B -name '*.d' -not -path '$B/run/*')
