# ptl, the host's command line, and `make run`.

PTL_PARTS := $(filter-out %/main.c,$(wildcard tools/ptl/*.c)) $(TOOLS_LIB) $(DRIVERS_CARDS) \
        $(addprefix servers/rt/pure/,symbols.c utf8.c visible.c) \
        $(addprefix netipc/crypto/,hex.c identity.c keys.c noise.c)

PROGRAMS += $B/ptl
$(eval $(call host_program,$B/ptl,$(PTL_PARTS) tools/ptl/main.c,-lsodium))

# What a cluster is made of, and no more: `make run` needs no tool that only tests need.
ptl_RUN_PROGRAMS := $B/ptl $B/tools/switch/portolan-switch $B/tools/check/describe \
                    $B/tools/image/image $B/boot/portolan.elf $B/boot/init.elf $B/boot/boot.cpio

.PHONY: run-programs
run-programs: $(ptl_RUN_PROGRAMS)

# As many jobs as there are processors, if the user has not chosen.
ptl_JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$$(nproc))

# Building says what it does on standard error, since standard output is the commands'; and standard
# input is theirs.
run: setup-run
	@$(MAKE) --no-print-directory $(ptl_JOBS) run-programs </dev/null >&2
	@exec $B/ptl run --with-parent

# Tests: the parts built once more with sanitizers, and ptl itself with a double of QEMU.

$(eval $(call test_suite,ptl,$(PTL_PARTS) tests/unit/ptl/main.c \
        $(wildcard tests/unit/ptl/*_test.c),-lsodium))
$(eval $(call host_program,$B/tests/unit/ptl/fake_qemu,tests/unit/ptl/fake_qemu.c))

SUITES += ptl-supervision
suite-ptl-supervision: $B/ptl $B/tools/switch/portolan-switch $B/tests/unit/ptl/fake_qemu
	@tests/unit/ptl/supervision

SUITES += setup
suite-setup:
	@tests/unit/setup/run
