# Host tests of the process server's cache, of the bounds of spawners, of files that are memory, and of
# signals between processes and what their ends bring.
PROCESS_TEST := $(addprefix servers/process/,cache.c spawners.c memory_files.c groups.c signals.c family.c processes.c) $(wildcard tests/unit/process/*.c)
$(call checked,$(PROCESS_TEST)): | $(RT_STUBS) $(PROTO_HEADERS)
$(eval $(call test_suite,process,$(PROCESS_TEST),-lsodium))
