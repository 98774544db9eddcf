# idl: the compiler of interface descriptions. Its use is in servers/rt/program.mk.

IDL := $B/tools/idl/idl
IDL_PARTS := $(filter-out %/main.c,$(wildcard tools/idl/*.c))

PROGRAMS += $(IDL)
$(eval $(call host_program,$(IDL),$(wildcard tools/idl/*.c) $(TOOLS_LIB)))

# Unit tests: parser and rules under the sanitizers; what is generated is compiled and called. `older` and
# `newer` are one interface, so they are not in one table of names.
IDL_TEST := $B/tests/unit/idl
IDL_TEST_STUBS := sample older newer
IDL_TEST_GENERATED := $(addprefix $(IDL_TEST)/servers/proto/,names.h names.c \
        $(foreach name,$(IDL_TEST_STUBS),$(name).h $(name).c $(name)_values.c))
IDL_TEST_SOURCES := $(wildcard tests/unit/idl/*.c) $(filter %.c,$(IDL_TEST_GENERATED))

$(IDL_TEST_GENERATED) &: $(IDL_TEST_STUBS:%=tests/unit/idl/%.idl) $(IDL)
	@mkdir -p $(IDL_TEST)/servers/proto
	$(foreach name,$(IDL_TEST_STUBS),$(IDL) stubs $(IDL_TEST)/servers/proto tests/unit/idl/$(name).idl &&) \
	        $(IDL) names $(IDL_TEST)/servers/proto tests/unit/idl/sample.idl

# -I of the generated headers comes first: the sample's names.h is not the project's.
IDL_RUNTIME := servers/rt/message/check.c servers/rt/message/record.c
$(call checked,$(IDL_TEST_SOURCES)): private HOST_CFLAGS := -I$(IDL_TEST) $(HOST_CFLAGS)
$(call checked,$(IDL_TEST_SOURCES)): | $(IDL_TEST_GENERATED)
$(eval $(call test_suite,idl,$(IDL_PARTS) $(IDL_RUNTIME) $(IDL_TEST_SOURCES)))

# Any bytes as messages of the sample, to its server and to its client.
IDL_FUZZ_SOURCES := tests/fuzz/idl/messages.c $(addprefix $(IDL_TEST)/servers/proto/,sample.c sample_values.c)
$(call fuzzed,$(IDL_FUZZ_SOURCES)): private HOST_CFLAGS := -I$(IDL_TEST) $(HOST_CFLAGS)
$(call fuzzed,$(IDL_FUZZ_SOURCES)): | $(IDL_TEST_GENERATED)
$(eval $(call fuzz_program,$B/tests/fuzz/idl/messages,$(IDL_FUZZ_SOURCES) $(IDL_RUNTIME)))
SUITES += fuzz-idl
suite-fuzz-idl: $B/tests/fuzz/idl/messages
	@tests/fuzz/run 100000 -max_len=512 $<
