# The file server, and the host tests of its tree.

FS_PURE := budget content tree check paths changes listing
FS_TESTS := main content paths changes listing
FS_HOST_OBJECTS := $(FS_PURE:%=$B/tests/unit/fs/pure/%.o) $(FS_TESTS:%=$B/tests/unit/fs/%.o)

$B/tests/unit/fs/pure/%.o: servers/fs/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) -c -o $@ $<

$B/tests/unit/fs/%.o: tests/unit/fs/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) -c -o $@ $<

$B/tests/unit/fs/test: $(FS_HOST_OBJECTS)
	$(HOSTCC) $(SANITIZE) -o $@ $^ -lcheck -lsubunit -lm -lrt -lpthread

.PHONY: suite-fs
suite-fs: $B/tests/unit/fs/test
	$<
SUITES += fs
