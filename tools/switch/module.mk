# The testbed's Ethernet switch, its unit tests (Check), functional tests, fuzzers and PXE test.

SWITCH_BINARY := $B/tools/switch/portolan-switch
SWITCH_PARTS := beneath capture command control delays dhcp fabric gateway impairment journal link macs \
                options packet ports router text tftp tftp_request

PROGRAMS += $(SWITCH_BINARY)

$(SWITCH_BINARY): $(SWITCH_PARTS:%=$B/tools/switch/%.o) $B/tools/switch/main.o
	$(HOSTCC) -o $@ $^

$B/tools/switch/%.o: tools/switch/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) -D_GNU_SOURCE -c -o $@ $<
