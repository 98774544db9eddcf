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

B := build
HOSTCC ?= gcc
HOST_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -MMD -MP -I. -I$B
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

PROGRAMS :=
SUITES :=
LONG_SUITES :=
CHECKS :=

MODULES := $(sort $(wildcard kernel/module.mk netipc/module.mk servers/module.mk drivers/module.mk \
             cluster/module.mk tools/module.mk tests/module.mk \
             tools/*/module.mk tests/*/module.mk netipc/*/module.mk cluster/*/module.mk \
             servers/*/module.mk drivers/*/*/module.mk))
include $(MODULES)

.PHONY: all run test test-long bench check sim clean help setup-%
all: $(PROGRAMS)

help:
	@sed -n '3,12p' Makefile

setup-%:
	@tools/setup $*

test: setup-test
	@$(MAKE) --no-print-directory all
	@tests/run $(SUITES)

test-long: setup-test
	@$(MAKE) --no-print-directory all
	@tests/run $(SUITES) $(LONG_SUITES)

check: $(CHECKS)

clean:
	rm -rf $B

-include $(shell test -d $B && find $B -name '*.d' -not -path '$B/run/*')
