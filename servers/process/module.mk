# Host tests of the process server's cache and of the bounds of spawners.
PROCESS_TEST := servers/process/cache.c servers/process/spawners.c $(wildcard tests/unit/process/*.c)
$(call checked,$(PROCESS_TEST)): | $(RT_STUBS) $(PROTO_HEADERS)
$(eval $(call test_suite,process,$(PROCESS_TEST),-lsodium))
