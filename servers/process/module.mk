# Host tests of the process server's cache.
PROCESS_TEST := servers/process/cache.c $(wildcard tests/unit/process/*.c)
$(call checked,$(PROCESS_TEST)): | $(RT_STUBS)
$(eval $(call test_suite,process,$(PROCESS_TEST),-lsodium))
