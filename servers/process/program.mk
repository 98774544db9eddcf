# The process server carries the Linux layer in itself.
SOURCES_process = servers/process/layer.S
$B/user/servers/process/layer.o: $B/user/layer.bin
$B/user/layer.bin: $(RT_LAYER)
	objcopy --strip-debug $< $@
