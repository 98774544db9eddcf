# The serial driver and its host tests.

ifndef USER_PROGRAM_MK
include servers/rt/program.mk
endif
$(eval $(call user_program,serial,$(addprefix drivers/char/serial/,main.c uart.c queue.c),))

$(eval $(call test_suite,serial,tests/unit/serial/main.c drivers/char/serial/uart.c drivers/char/serial/queue.c))
