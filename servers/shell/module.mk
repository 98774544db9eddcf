# Host tests of the shell's pure parts.

$(eval $(call test_suite,shell,$(wildcard tests/unit/shell/*.c) $(addprefix servers/shell/,words.c keys.c \
        history.c search.c row.c editor.c keyboard_filter.c completion.c environment.c folder.c signals.c asks.c number.c) $(addprefix servers/rt/pure/,utf8.c visible.c)))

# Its commands, on the real stubs, against services that the test plays.
SHELL_COMMANDS := $(wildcard tests/unit/commands/*.c) $(addprefix servers/shell/,environment.c folder.c number.c signals.c) \
        $(addprefix servers/shell/commands/,binding.c nodes.c files.c folders.c cluster.c components.c call.c described.c)
$(call checked,$(SHELL_COMMANDS)): | $(PROTO_HEADERS)
$(eval $(call test_suite,commands,$(SHELL_COMMANDS) $(patsubst %,$B/servers/proto/%.c,file fs job log name node proc process file_values fs_values job_values name_values node_values process_values) \
        $B/servers/proto/names.c $(addprefix servers/rt/,message/message.c message/check.c message/record.c serve/service.c task/held.c file/reader.c file/ahead.c file/wait.c pure/utf8.c pure/visible.c),-Xlinker --wrap=rt_call $(USER_SODIUM)))

# Fuzzers: what comes from a terminal.
SHELL_FUZZ := $B/tests/fuzz/shell
$(eval $(call fuzz_program,$(SHELL_FUZZ)/editor,tests/fuzz/shell/editor.c $(addprefix servers/shell/,editor.c row.c keys.c history.c search.c) \
        $(addprefix servers/rt/pure/,utf8.c visible.c)))
$(eval $(call fuzz_program,$(SHELL_FUZZ)/words,tests/fuzz/shell/words.c servers/shell/words.c))

$(eval $(call fuzz_program,$(SHELL_FUZZ)/keys,tests/fuzz/shell/keys.c servers/shell/keyboard_filter.c \
        servers/stream/terminal.c servers/stream/pipe.c))

$(eval $(call fuzz_program,$(SHELL_FUZZ)/completion,tests/fuzz/shell/completion.c \
        $(addprefix servers/shell/,completion.c words.c) servers/rt/pure/utf8.c))

SUITES += fuzz-shell
suite-fuzz-shell: $(addprefix $(SHELL_FUZZ)/,editor words keys completion)
	@tests/fuzz/run 20000 -max_len=512 $(SHELL_FUZZ)/editor
	@tests/fuzz/run 100000 -max_len=5000 $(SHELL_FUZZ)/words
	@tests/fuzz/run 50000 -max_len=512 $(SHELL_FUZZ)/keys
	@tests/fuzz/run 50000 -max_len=300 $(SHELL_FUZZ)/completion
