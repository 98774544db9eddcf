# ptl, the host's command line, and `make run`.

ptl_OBJECTS := $(patsubst %.c,$B/%.o,$(wildcard tools/ptl/*.c))
PROGRAMS += $B/ptl

$B/ptl: $(ptl_OBJECTS)
	@mkdir -p $(@D)
	$(HOSTCC) -o $@ $^

$B/tools/ptl/%.o: tools/ptl/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) -D_GNU_SOURCE -c -o $@ $<

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

SUITES += ptl ptl-supervision

ptl_TEST := $B/tests/unit/ptl
ptl_TEST_FLAGS := $(HOST_CFLAGS) -D_GNU_SOURCE $(SANITIZE)
ptl_PARTS := $(patsubst tools/ptl/%.c,$(ptl_TEST)/part/%.o,$(filter-out %/main.c,$(wildcard tools/ptl/*.c)))
ptl_UNITS := $(patsubst %.c,$B/%.o,$(wildcard tests/unit/ptl/*_test.c) tests/unit/ptl/main.c)

$(ptl_TEST)/part/%.o: tools/ptl/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(ptl_TEST_FLAGS) -c -o $@ $<

$(ptl_TEST)/%.o: tests/unit/ptl/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(ptl_TEST_FLAGS) -c -o $@ $<

$(ptl_TEST)/unit: $(ptl_PARTS) $(ptl_UNITS)
	$(HOSTCC) $(SANITIZE) -o $@ $^ $$(pkg-config --libs check)

$(ptl_TEST)/fake_qemu: tests/unit/ptl/fake_qemu.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) -D_GNU_SOURCE -o $@ $<

.PHONY: suite-ptl suite-ptl-supervision
suite-ptl: $(ptl_TEST)/unit
	$<

suite-ptl-supervision: $B/ptl $B/tools/switch/portolan-switch $(ptl_TEST)/fake_qemu
	@tests/unit/ptl/supervision

.PHONY: suite-setup
SUITES += setup
suite-setup:
	@tests/unit/setup/run
