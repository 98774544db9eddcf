# The shell beside its main folder's .c files: the fibers' stack switch, the commands, SHA-256, and the
# runtime's rt_call replaced (calls.h).
SOURCES_shell = servers/shell/fiber_switch.S $(sort $(wildcard servers/shell/commands/*.c)) \
        $B/servers/proto/names.c
LIBRARIES_shell = $(addprefix -Xlinker --wrap=,rt_call reader_call reader_wait) $(USER_SODIUM)
