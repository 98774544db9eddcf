# Host tests of the log's pure parts.

$B/tests/unit/log/test: tests/unit/log/main.c servers/log/ring.c servers/log/lines.c
	@mkdir -p $(@D)
	$(HOSTCC) $(filter-out -MMD -MP,$(HOST_CFLAGS)) $(SANITIZE) -o $@ $(filter %.c,$^) \
	        -lcheck -lsubunit -lm -lrt -lpthread

$B/tests/unit/log/test: servers/log/ring.h servers/log/lines.h

.PHONY: suite-log
suite-log: $B/tests/unit/log/test
	$<
SUITES += log
