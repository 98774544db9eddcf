# The program that runs commands, which shells find in the boot archive: with all names of interfaces, and SHA-256.
$(eval $(call user_program,command,$(sort $(wildcard servers/shell/commands/*.c)) \
        $(addprefix servers/shell/,environment.c folder.c number.c signals.c) $B/servers/proto/names.c,$(USER_SODIUM)))
