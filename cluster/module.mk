# Tests of cluster/core. (The name server and others compile its sources into their programs.)

$(eval $(call test_suite,registry,tests/unit/registry/main.c $(wildcard cluster/core/*.c)))
