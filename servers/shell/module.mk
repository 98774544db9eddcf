# Host tests of the shell's pure parts.

$(eval $(call test_suite,shell,$(wildcard tests/unit/shell/*.c) $(addprefix servers/shell/,words.c keys.c \
        history.c editor.c fiber.c fiber_switch.S) $(addprefix servers/rt/,utf8.c visible.c)))

# Its commands, on the real stubs, against services that the test plays.
SHELL_COMMANDS := $(wildcard tests/unit/commands/*.c) servers/shell/binding.c servers/shell/nodes.c \
        $(addprefix servers/shell/commands/,files.c folders.c cluster.c components.c call.c)
$(call checked,$(SHELL_COMMANDS)): | $(PROTO_HEADERS)
$(eval $(call test_suite,commands,$(SHELL_COMMANDS) $(patsubst %,$B/servers/proto/%.c,file fs log name node proc) \
        $B/servers/proto/names.c $(addprefix servers/rt/,message.c check.c service.c utf8.c visible.c),-Xlinker --wrap=rt_call $(USER_SODIUM)))
