# idl: the compiler of interface descriptions. Its use is in servers/rt/program.mk.

IDL := $B/tools/idl/idl
IDL_PARTS := $(filter-out %/main.c,$(wildcard tools/idl/*.c))

PROGRAMS += $(IDL)
$(eval $(call host_program,$(IDL),$(wildcard tools/idl/*.c) $(TOOLS_LIB)))

# Unit tests: parser and rules under the sanitizers; what is generated is compiled and called.
IDL_TEST := $B/tests/unit/idl
IDL_TEST_SOURCES := $(wildcard tests/unit/idl/*.c) $(addprefix $(IDL_TEST)/servers/proto/,sample.c names.c)
IDL_TEST_GENERATED := $(addprefix $(IDL_TEST)/servers/proto/,sample.h sample.c names.h names.c)

$(IDL_TEST_GENERATED) &: tests/unit/idl/sample.idl $(IDL)
	@mkdir -p $(IDL_TEST)/servers/proto
	$(IDL) stubs $(IDL_TEST)/servers/proto $<
	$(IDL) names $(IDL_TEST)/servers/proto $<

# -I of the generated headers comes first: the sample's names.h is not the project's.
$(call checked,$(IDL_TEST_SOURCES)): private HOST_CFLAGS := -I$(IDL_TEST) $(HOST_CFLAGS)
$(call checked,$(IDL_TEST_SOURCES)): | $(IDL_TEST_GENERATED)
$(eval $(call test_suite,idl,$(IDL_PARTS) servers/rt/message/check.c $(IDL_TEST_SOURCES)))
