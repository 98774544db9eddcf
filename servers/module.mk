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

# ---- tests of the names that programs take: they look at what `make` would do ----------------------

SUITES += programs
suite-programs: $B/tools/idl/idl
	@tests/unit/programs/run $<

# ---- tests of the runtime -------------------------------------------------------------------------

SUITES += rt fuzz-rt
RT_TEST := $B/tests/unit/rt
RT_TEST_PURE := $(addprefix pure/,chain chacha20 cpio format fw_cfg program regions relocate rtc script stack symbols unwind utf8 visible) \
        $(addprefix message/,check message) $(addprefix serve/,locks serve) start/startup

$(eval $(call test_program,$(RT_TEST)/run,$(RT_TEST_PURE:%=servers/rt/%.c) \
        $(filter-out %/sodium.c,$(wildcard tests/unit/rt/*.c))))

# Reading files, against a server that is played.
READER_TEST := servers/rt/file/reader.c servers/rt/file/ahead.c $(wildcard tests/unit/reader/*.c)
$(call checked,$(READER_TEST)): | $(PROTO_HEADERS)
$(eval $(call test_suite,reader,$(READER_TEST)))

# Looking names up for clients, against a name service and a kernel that are played.
QUERIES_TEST := servers/rt/serve/queries.c $(wildcard tests/unit/queries/*.c)
$(call checked,$(QUERIES_TEST)): | $(RT_STUBS) $(PROTO_HEADERS)
$(call checked,$(QUERIES_TEST)): private HOST_CFLAGS := -Itests/sim/user $(HOST_CFLAGS)
$(eval $(call test_suite,queries,$(QUERIES_TEST)))

# Debian's fortified libraries link with the runtime and musl.
$(RT_TEST)/sodium.elf: $B/user/tests/unit/rt/sodium.o $(RT_LIBRARY)
	@mkdir -p $(@D)
	$(call user_link,$@,$<,$(USER_SODIUM))

suite-rt: $(RT_TEST)/run $(RT_TEST)/sodium.elf $(RT_LIBRARY)
	$(RT_TEST)/run
	tests/unit/rt/built $(RT_LIBRARY) $(RT_TEST)/sodium.elf

# Fuzzers: one a parser, which begin with real files.
RT_FUZZ := $B/tests/fuzz/rt
$(foreach parser,cpio fw_cfg program relocate script symbols,$(eval $(call fuzz_program,$(RT_FUZZ)/$(parser),tests/fuzz/rt/$(parser).c \
        servers/rt/pure/$(parser).c $(if $(filter program,$(parser)),servers/rt/pure/format.c))))
$(foreach parser,elf remote,$(eval $(call fuzz_program,$(RT_FUZZ)/$(parser),tests/fuzz/rt/$(parser).c)))

# 2, ET_EXEC; 3, ET_DYN
$(RT_FUZZ)/program.2 $(RT_FUZZ)/program.3: tests/fuzz/rt/small_program
	@mkdir -p $(@D)
	@$< $(subst .,,$(suffix $@)) >$@

RT_FUZZ_ARCHIVE := $B/tests/fuzz/fs/seed/archive
RT_FUZZ_PROGRAMS := $(RT_FUZZ)/program.2 $(RT_FUZZ)/program.3 $B/user/tests/unit/rt/sodium.o
suite-fuzz-rt: $(addprefix $(RT_FUZZ)/,cpio elf fw_cfg program relocate remote script symbols) $(RT_FUZZ_ARCHIVE) $(RT_FUZZ_PROGRAMS)
	@tests/fuzz/run 200000 -max_len=16384 -seed_inputs=$(RT_FUZZ_ARCHIVE) $(RT_FUZZ)/cpio
	@tests/fuzz/run 200000 -max_len=16384 -seed_inputs=$(word 1,$(RT_FUZZ_PROGRAMS)),$(word 2,$(RT_FUZZ_PROGRAMS)),$(word 3,$(RT_FUZZ_PROGRAMS)) \
	        $(RT_FUZZ)/elf $(RT_FUZZ)/program $(RT_FUZZ)/symbols
	@tests/fuzz/run 200000 -max_len=512 $(RT_FUZZ)/relocate $(RT_FUZZ)/script
	@tests/fuzz/run 50000 -max_len=1024 $(RT_FUZZ)/fw_cfg $(RT_FUZZ)/remote
