# Servers: every folder below servers/ or servers/examples/ with a main.c is a program called after the
# folder, made of all its .c files and linked with the runtime: nothing to write here. A folder that
# needs more has a file program.mk, which may set
#       SOURCES_NAME = …        further sources
#       LIBRARIES_NAME = …      what it is linked with, e.g. $(USER_SODIUM)
# or calls user_program in its own module.mk, and is then left alone here.

ifndef USER_PROGRAM_MK
include servers/rt/program.mk
endif

SERVER_OWN := $(shell grep -ls user_program servers/*/module.mk)
SERVER_MAINS := $(sort $(wildcard servers/*/main.c servers/examples/*/main.c))
SERVER_FOLDERS := $(filter-out $(SERVER_OWN:%/module.mk=%),$(SERVER_MAINS:%/main.c=%))
-include $(wildcard $(SERVER_FOLDERS:%=%/program.mk))

# $(call server_sources,FOLDER,NAME)
server_sources = $1/main.c $(filter-out $1/main.c,$(sort $(wildcard $1/*.c))) $(SOURCES_$2)
# $(call server_program,FOLDER,NAME)
server_program = $(call user_program,$2,$(call server_sources,$1,$2),$(LIBRARIES_$2))
$(foreach folder,$(filter-out servers/init,$(SERVER_FOLDERS)),$(eval $(call server_program,$(folder),$(notdir $(folder)))))

PROGRAMS += $B/servers/proto/names.h $B/servers/proto/reference.md

# The first task: a boot module of its own, which the kernel loads; not in boot.cpio.
$(eval $(call user_elf,init,$(call server_sources,servers/init,init),))
$B/boot/init.elf: $B/user/init.elf
	@mkdir -p $(@D)
	objcopy --strip-debug $< $@
PROGRAMS += $B/boot/init.elf

# ---- tests of the runtime -------------------------------------------------------------------------

SUITES += rt fuzz-rt
RT_TEST := $B/tests/unit/rt
RT_TEST_PURE := check chacha20 cpio elf format message regions serve startup symbols unwind
RT_TEST_SOURCES := $(wildcard tests/unit/rt/*.c)
RT_TEST_OBJECTS := $(RT_TEST_PURE:%=$(RT_TEST)/rt/%.o) \
        $(filter-out %/sodium.o,$(RT_TEST_SOURCES:tests/unit/rt/%.c=$(RT_TEST)/%.o))

$(RT_TEST)/rt/%.o: servers/rt/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) -c -o $@ $<

$(RT_TEST)/%.o: tests/unit/rt/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) -c -o $@ $<

$(RT_TEST)/run: $(RT_TEST_OBJECTS)
	$(HOSTCC) $(SANITIZE) -o $@ $^ $$(pkg-config --libs check)

# Debian's fortified libraries link with the runtime and musl.
$(RT_TEST)/sodium.elf: $B/user/tests/unit/rt/sodium.o $(RT_LIBRARY)
	$(call user_link,$@,$<,$(USER_SODIUM))

.PHONY: suite-rt
suite-rt: $(RT_TEST)/run $(RT_TEST)/sodium.elf $(RT_LIBRARY)
	$(RT_TEST)/run
	tests/unit/rt/built $(RT_LIBRARY) $(RT_TEST)/sodium.elf

# Fuzzers: one a parser, bounded. FUZZ_RUNS and SEED change that.
RT_FUZZ := $B/tests/fuzz/rt
RT_FUZZERS := cpio elf symbols
RT_FUZZ_RUNS = $(or $(FUZZ_RUNS),200000)

$(RT_FUZZ)/%: tests/fuzz/rt/%.c $$(addprefix servers/rt/,cpio.c elf.c symbols.c cpio.h elf.h symbols.h)
	@mkdir -p $(@D)
	clang-14 -std=gnu11 -O1 -g -Wall -Wextra -Werror -I. -fsanitize=fuzzer,address,undefined \
	    -fno-sanitize-recover=all -o $@ $< servers/rt/$*.c

.PHONY: suite-fuzz-rt
suite-fuzz-rt: $(RT_FUZZERS:%=$(RT_FUZZ)/%)
	@tests/fuzz/rt/run $(RT_FUZZ) $(RT_FUZZ_RUNS) $(or $(SEED),1) $(RT_FUZZERS)
