# The process server carries the Linux layer in itself, and looks at digests.
SOURCES_process = servers/process/layer.S
LIBRARIES_process = $(USER_SODIUM)
$B/user/servers/process/layer.o: $B/user/layer.bin
$B/user/layer.bin: $(RT_LAYER)
	objcopy --strip-debug $< $@
