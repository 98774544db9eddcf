# How programs for Portolan are built. Include it where it is needed, with the guard:
#
#       ifndef USER_PROGRAM_MK
#       include servers/rt/program.mk
#       endif
#       $(eval $(call user_program,NAME,SOURCES,LIBRARIES))
#
# SOURCES are .c and .S files anywhere in the repository (also generated ones below $B); LIBRARIES are
# objects, archives or -l options. NAME is that of one program: a second one is refused. Programs of
# tests are called by their path (tests/init/probe), so they take no name from anybody. It makes
#       $B/boot/root/bin/NAME       stripped of debugging information, with its symbols
#       $B/user/NAME.elf            the same program with all of it, for gdb
# A manifest beside the sources goes to $B/boot/root/manifest (tools/image).

USER_PROGRAM_MK := 1
USER_COMMA := ,

USER_CC ?= musl-gcc
USER_LIBC := /usr/lib/x86_64-linux-musl
# What was made with other flags does not link with what is made with these.
USER_FLAGS := servers/rt/program.mk
# Programs are optimized as a whole: fewer jumps from function to function.
# They may lie anywhere: position-independent, with relative relocations alone, packed, which they apply
# themselves (image.c); nothing in them is found by name when they run, so nothing is visible.
# Version 4 of DWARF: where version 5 describes what was optimized as a whole, binutils names its first file
# `<artificial>`.
USER_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -flto -g -gdwarf-4 -Wall -Wextra -Werror -MMD -MP -I. -I$B -I$B/user/include \
        -fPIE -fvisibility=hidden -fno-omit-frame-pointer -ffunction-sections -fdata-sections \
        -fno-asynchronous-unwind-tables
USER_LDFLAGS := -O2 -flto=2 -g -gdwarf-4 -static -Wl,-pie,--no-dynamic-linker,-z,text,-z,pack-relative-relocs -nostartfiles -Wl,-e,rt_start -Wl,--require-defined=rt_start -Wl,--gc-sections \
        -Wl,-z,noexecstack -Wl,-z,separate-code -Wl,-z,max-page-size=4096 -Wl,-z,relro \
        -Wl,--build-id=none

# The runtime answers Linux system calls, so it must not touch vector registers, nor call libc: memory
# is copied and cleared by string instructions in place. What it becomes must be seen in its objects
# (tests/unit/rt/built), so it is optimized file by file.
RT_CFLAGS := $(USER_CFLAGS) -fno-lto -mgeneral-regs-only -fno-stack-protector -ffreestanding \
        -mmemcpy-strategy=rep_8byte:-1:noalign -mmemset-strategy=rep_8byte:-1:noalign

# tools/abi/module.mk says how it is made.
ABI := $B/tools/abi/abi

# ---- interfaces: one .idl each, in servers/proto or beside the server that offers it --------------

PROTO_IDL := $(sort $(wildcard servers/proto/*.idl servers/*/*.idl servers/examples/*/*.idl))
PROTO_NAMES := $(basename $(notdir $(PROTO_IDL)))
PROTO_HEADERS := $(PROTO_NAMES:%=$B/servers/proto/%.h) $B/servers/proto/names.h

# $(call proto_rule,FILE.idl)
define proto_rule
$(if $(PROTO_FROM_$(basename $(notdir $1))),$(error two interfaces are called $(basename $(notdir $1)): \
        $(PROTO_FROM_$(basename $(notdir $1))) and $1; give one of them another name))
PROTO_FROM_$(basename $(notdir $1)) := $1
$(addprefix $B/servers/proto/$(basename $(notdir $1)),.h .c _values.c) &: $1 $B/tools/idl/idl
	@mkdir -p $B/servers/proto
	@! test -e servers/proto/$(basename $(notdir $1)).h || { echo "$1: servers/proto/$(basename $(notdir $1)).h hides the generated header; call it something else" >&2; exit 1; }
	$B/tools/idl/idl stubs $B/servers/proto $1
endef
$(foreach idl,$(PROTO_IDL),$(eval $(call proto_rule,$(idl))))

# The list of descriptions: newer than the table of names when one was added or taken away.
$B/servers/proto/list: FORCE-proto-list
	@mkdir -p $(@D)
	@echo '$(PROTO_IDL)' | cmp -s - $@ || echo '$(PROTO_IDL)' >$@
.PHONY: FORCE-proto-list

$B/servers/proto/names.h $B/servers/proto/names.c &: $(PROTO_IDL) $B/servers/proto/list $B/tools/idl/idl
	$B/tools/idl/idl names $B/servers/proto $(PROTO_IDL)

$B/servers/proto/reference.md: $(PROTO_IDL) $B/servers/proto/list $B/tools/idl/idl
	$B/tools/idl/idl reference $(PROTO_IDL) >$@

# ---- the stubs of the system calls, made from the kernel's lists --------------------------------------

RT_STUBS := $B/servers/rt/stubs.h
$(RT_STUBS): $(ABI)
	@mkdir -p $(@D)
	$(ABI) stubs $@

# ---- the runtime: one archive that every program is linked with ----------------------------------

RT_SOURCES := $(sort $(wildcard servers/rt/*/*.c servers/rt/*/*.S kernel/common/*.c servers/common/*.c))
RT_OBJECTS := $(addprefix $B/user/,$(addsuffix .o,$(basename $(RT_SOURCES)))) \
        $(PROTO_NAMES:%=$B/user/proto/%.o) $(PROTO_NAMES:%=$B/user/proto/%_values.o) $(patsubst %.c,$B/user/%.o,$(wildcard servers/proto/*.c))
RT_LIBRARY := $B/user/libportolan.a

$B/user/servers/rt/%.o: servers/rt/%.c $(USER_FLAGS) | $(PROTO_HEADERS) $(RT_STUBS)
	@mkdir -p $(@D)
	$(USER_CC) $(RT_CFLAGS) -c -o $@ $<

$B/user/kernel/common/%.o: kernel/common/%.c $(USER_FLAGS)
	@mkdir -p $(@D)
	$(USER_CC) $(RT_CFLAGS) -c -o $@ $<

$B/user/servers/common/%.o: servers/common/%.c $(USER_FLAGS)
	@mkdir -p $(@D)
	$(USER_CC) $(RT_CFLAGS) -c -o $@ $<

# It hands on floating-point arguments, and is called by libraries only.
$B/user/servers/rt/task/compat.o: servers/rt/task/compat.c $(USER_FLAGS)
	@mkdir -p $(@D)
	$(USER_CC) $(USER_CFLAGS) -fno-lto -c -o $@ $<

$B/user/servers/rt/%.o: servers/rt/%.S
	@mkdir -p $(@D)
	$(USER_CC) -g -MMD -MP -I. -c -o $@ $<

$B/user/proto/%.o: $B/servers/proto/%.c $(USER_FLAGS) | $(PROTO_HEADERS) $(RT_STUBS)
	@mkdir -p $(@D)
	$(USER_CC) $(RT_CFLAGS) -c -o $@ $<

# What other compilers may link, too (tools/sdk): not for this one's optimizer alone.
$(patsubst %.c,$B/user/%.o,$(wildcard servers/proto/*.c)): private USER_CFLAGS += -ffat-lto-objects

$(RT_LIBRARY): $(RT_OBJECTS)
	@rm -f $@
	gcc-ar rcs $@ $^
	@servers/rt/twice $@

# ---- the Linux layer: the runtime alone, as an image beside programs that know nothing of it --------

# LAYER_START of kernel/abi/memory.h: where spawn puts it, so that it has nothing to relocate.
RT_LAYER := $B/user/layer.elf
$(RT_LAYER): $(RT_LIBRARY) $(USER_FLAGS)
	$(USER_CC) $(filter-out -Wl$(USER_COMMA)-e$(USER_COMMA)rt_start -Wl$(USER_COMMA)--require-defined=rt_start,$(USER_LDFLAGS)) \
	        -nostdlib -Wl,-e,layer_start -Wl,--require-defined=layer_start -Wl,-Ttext-segment=7c0000000000 -o $@ $<
	servers/rt/movable $@

# ---- programs -----------------------------------------------------------------------------------

# Headers of Debian's libraries that musl-gcc would not find beside its own.
USER_HEADERS := $B/user/include/.made
$(USER_HEADERS):
	@mkdir -p $(@D)
	@ln -sfn /usr/include/sodium.h $(@D)/sodium.h && ln -sfn /usr/include/sodium $(@D)/sodium
	@touch $@
# LIBRARIES of a program that uses libsodium.
USER_SODIUM := /usr/lib/x86_64-linux-gnu/libsodium.a

$B/user/%.o: %.c $(USER_FLAGS) | $(PROTO_HEADERS) $(RT_STUBS) $(USER_HEADERS)
	@mkdir -p $(@D)
	$(USER_CC) $(USER_CFLAGS) -c -o $@ $<

$B/user/%.o: %.S
	@mkdir -p $(@D)
	$(USER_CC) -g -MMD -MP -I. -c -o $@ $<

$B/user/generated/%.o: $B/%.c $(USER_FLAGS) | $(PROTO_HEADERS) $(RT_STUBS) $(USER_HEADERS)
	@mkdir -p $(@D)
	$(USER_CC) $(USER_CFLAGS) -c -o $@ $<

# $(call user_objects,SOURCES): the objects of sources, those below $B included.
user_objects = $(patsubst %,$B/user/%.o,$(patsubst $B/%,generated/%,$(basename $1)))

# $(call user_place,PROGRAM): where a program lies if its spawner does not say otherwise, in hexadecimal:
# one of 1000 places of 2 MiB, by its name, so that a debugger can have the symbols of all programs at
# once.
user_place = $$(printf %x $$((0x400000 + $$(printf %s $(notdir $1) | cksum | cut -d' ' -f1) % 1000 * 0x200000)))

# $(call user_link,PROGRAM,OBJECTS,LIBRARIES): the command that links a program.
user_link = $(USER_CC) $(USER_LDFLAGS) -Wl,-Ttext-segment=$(call user_place,$1) -o $1 $(USER_LIBC)/Scrt1.o $(USER_LIBC)/crti.o $2 \
        -Wl,--start-group $3 $(RT_LIBRARY) -lc -Wl,--end-group $(USER_LIBC)/crtn.o && servers/rt/movable $1

# $(call program_claim,NAME,FOLDER): from here on NAME is the program of FOLDER. A second one would be
# built in the place of the first without a word.
define program_claim
$(if $(PROGRAM_FROM_$1),$(error two programs are called $1: $(PROGRAM_FROM_$1) and $2; rename one of the folders))
$(if $(filter tests/%,$2),$(if $(filter tests/%,$1),,$(error $2: programs of tests are called tests/..., not $1)))
PROGRAM_FROM_$1 := $2
endef

# $(call user_elf,NAME,SOURCES,LIBRARIES): just $B/user/NAME.elf, which is not for the boot image.
define user_elf
$(call program_claim,$1,$(patsubst %/,%,$(dir $(firstword $(filter %/main.c,$2) $2))))
$B/user/$1.elf: $(call user_objects,$2) $(RT_LIBRARY) $(filter-out -%,$3) $(USER_FLAGS) servers/rt/movable
	@mkdir -p $$(@D)
	$$(call user_link,$$@,$(call user_objects,$2),$3)
endef

# $(call user_program,NAME,SOURCES,LIBRARIES)
define user_program
$(call user_elf,$1,$2,$3)

$B/boot/root/bin/$1: $B/user/$1.elf
	@mkdir -p $$(@D)
	objcopy --strip-debug $$< $$@

PROGRAMS += $B/boot/root/bin/$1
endef

# $(call boot_program,FOLDER,NAME): $B/user/NAME.elf in FOLDER, without its path.
define boot_program
$1/root/bin/$(notdir $2): $B/user/$2.elf
	@mkdir -p $$(@D)
	objcopy --strip-debug $$< $$@

endef

# $(call boot_archive,FOLDER,NAMES,MANIFESTS): FOLDER/boot.cpio for a system of one's own, made of
# $B/user/NAME.elf and manifests.
define boot_archive
$(foreach name,$2,$(call boot_program,$1,$(name)))
$1/boot.cpio: $(addprefix $1/root/bin/,$(notdir $2)) $3 $B/tools/image/image tools/image/stage
	@tools/image/stage $1/root $(addprefix $1/root/bin/,$(notdir $2)) -- $3
	$B/tools/image/image -o $$@ $1/root
endef
