# The serial driver and its host tests.

ifndef USER_PROGRAM_MK
include servers/rt/program.mk
endif
$(eval $(call user_program,serial,$(addprefix drivers/char/serial/,main.c uart.c queue.c),))

$B/tests/unit/serial/test: tests/unit/serial/main.c drivers/char/serial/uart.c drivers/char/serial/queue.c \
                $(wildcard drivers/char/serial/*.h)
	@mkdir -p $(@D)
	$(HOSTCC) $(filter-out -MMD -MP,$(HOST_CFLAGS)) $(SANITIZE) -o $@ $(filter %.c,$^) \
	        -lcheck -lsubunit -lm -lrt -lpthread

.PHONY: suite-serial
suite-serial: $B/tests/unit/serial/test
	$<
SUITES += serial
