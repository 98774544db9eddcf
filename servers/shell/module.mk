# The shell, and the host tests of its pure parts.

SHELL_PURE := words utf8 keys history editor fiber fiber_switch
SHELL_TESTS := main words utf8 editor fiber
SHELL_HOST_OBJECTS := $(SHELL_PURE:%=$B/tests/unit/shell/pure/%.o) $(SHELL_TESTS:%=$B/tests/unit/shell/%.o)

$B/tests/unit/shell/pure/%.o: servers/shell/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) -c -o $@ $<

$B/tests/unit/shell/pure/%.o: servers/shell/%.S
	@mkdir -p $(@D)
	$(HOSTCC) -c -o $@ $<

$B/tests/unit/shell/%.o: tests/unit/shell/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) -c -o $@ $<

$B/tests/unit/shell/test: $(SHELL_HOST_OBJECTS)
	$(HOSTCC) $(SANITIZE) -o $@ $^ -lcheck -lsubunit -lm -lrt -lpthread

.PHONY: suite-shell
suite-shell: $B/tests/unit/shell/test
	$<
SUITES += shell
