# Host tests of the shell's pure parts.

$(eval $(call test_suite,shell,$(wildcard tests/unit/shell/*.c) $(addprefix servers/shell/,words.c utf8.c keys.c \
        history.c editor.c fiber.c fiber_switch.S)))
