# Tests of cluster/core. (The name server and others compile its sources into their programs.)

CLUSTER_CORE := $(wildcard cluster/core/*.c)
CLUSTER_TEST := $B/tests/unit/registry/test

.PHONY: suite-registry
SUITES += registry

$(CLUSTER_TEST): tests/unit/registry/main.c $(CLUSTER_CORE)
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) -MF $@.d -o $@ $^ \
	        $(shell pkg-config --libs check 2>/dev/null)

suite-registry: $(CLUSTER_TEST)
	$(CLUSTER_TEST)
