# idl: the compiler of interface descriptions. Its use is in servers/rt/program.mk.

IDL := $B/tools/idl/idl
IDL_PARTS := parse check output shapes header client server names reference
IDL_OBJECTS := $(IDL_PARTS:%=$B/tools/idl/%.o) $B/tools/idl/main.o

$B/tools/idl/%.o: tools/idl/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) -c -o $@ $<

$(IDL): $(IDL_OBJECTS)
	$(HOSTCC) -o $@ $^

PROGRAMS += $(IDL)
SUITES += idl

# Unit tests: parser and rules under the sanitizers; what is generated is compiled and called.
IDL_TEST := $B/tests/unit/idl
IDL_TEST_CFLAGS = $(HOST_CFLAGS) $(SANITIZE) -I$(IDL_TEST)
IDL_TEST_OBJECTS := $(IDL_PARTS:%=$(IDL_TEST)/tool/%.o) $(IDL_TEST)/generated/sample.o \
        $(IDL_TEST)/generated/names.o $(IDL_TEST)/rt/check.o $(IDL_TEST)/run.o $(IDL_TEST)/parse.o \
        $(IDL_TEST)/stubs.o
IDL_TEST_GENERATED := $(addprefix $(IDL_TEST)/servers/proto/,sample.h sample.c names.h names.c)

$(IDL_TEST)/tool/%.o: tools/idl/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(IDL_TEST_CFLAGS) -c -o $@ $<

$(IDL_TEST)/rt/%.o: servers/rt/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(IDL_TEST_CFLAGS) -c -o $@ $<

$(IDL_TEST_GENERATED) &: tests/unit/idl/sample.idl $(IDL)
	@mkdir -p $(IDL_TEST)/servers/proto
	$(IDL) stubs $(IDL_TEST)/servers/proto $<
	$(IDL) names $(IDL_TEST)/servers/proto $<

# -I of the generated headers comes first: the sample's names.h is not the project's.
$(IDL_TEST)/generated/%.o: $(IDL_TEST)/servers/proto/%.c $(IDL_TEST_GENERATED)
	@mkdir -p $(@D)
	$(HOSTCC) -I$(IDL_TEST) $(IDL_TEST_CFLAGS) -c -o $@ $<

$(IDL_TEST)/%.o: tests/unit/idl/%.c $(IDL_TEST_GENERATED)
	@mkdir -p $(@D)
	$(HOSTCC) -I$(IDL_TEST) $(IDL_TEST_CFLAGS) -c -o $@ $<

$(IDL_TEST)/run: $(IDL_TEST_OBJECTS)
	$(HOSTCC) $(SANITIZE) -o $@ $^ $$(pkg-config --libs check)

.PHONY: suite-idl
suite-idl: $(IDL_TEST)/run
	$(IDL_TEST)/run
