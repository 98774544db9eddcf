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

# Building says what it does on standard error, since standard output is the commands'; and standard
# input is theirs.
run: setup-run
	@$(MAKE) --no-print-directory run-programs </dev/null >&2
	@exec $B/ptl run --with-parent
