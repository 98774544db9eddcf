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
$(foreach folder,$(SERVER_FOLDERS),$(eval $(call server_program,$(folder),$(notdir $(folder)))))

PROGRAMS += $B/servers/proto/names.h $B/servers/proto/reference.md

# The first task, which the kernel loads itself.
ifneq ($(filter $B/boot/root/bin/init,$(PROGRAMS)),)
$B/boot/init.elf: $B/boot/root/bin/init
	cp $< $@
PROGRAMS += $B/boot/init.elf
endif
