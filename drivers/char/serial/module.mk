# The serial driver and its host tests.

ifndef USER_PROGRAM_MK
include servers/rt/program.mk
endif
$(eval $(call user_program,serial,$(addprefix drivers/char/serial/,main.c ports.c tty.c uart.c queue.c),))

$(eval $(call test_suite,serial,tests/unit/serial/main.c drivers/char/serial/uart.c drivers/char/serial/queue.c))

# One line for log and terminals.
$(eval $(call user_program,line,$(addprefix drivers/char/serial/,line.c ports.c share.c tty.c uart.c queue.c),))
$(eval $(call test_suite,line,$(wildcard tests/unit/line/*.c) drivers/char/serial/share.c tools/ptl/channels.c))
$(eval $(call fuzz_program,$B/tests/fuzz/serial/share,tests/fuzz/serial/share.c drivers/char/serial/share.c tools/ptl/channels.c))

SUITES += fuzz-line
suite-fuzz-line: $B/tests/fuzz/serial/share
	@tests/fuzz/run 20000 -max_len=4096 $<
