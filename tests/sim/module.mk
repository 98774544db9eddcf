# The simulator.
#
#   make sim [SEED=1] [SEEDS=10000] [NODES=3] [CALLS=1000] [TRACE=yes] [CAPTURE=FILE]
#            [BREAK=duplicate|reorder|leak|epoch|count|border|overlap]
#
# The simulator is a program of the host. Kernel and programs are images, shared objects of which it loads a
# copy of for each node: the sources as they are on the nodes, compiled for the host, with the headers of
# tests/sim/user before the runtime's own, and libc's memory, randomness and end replaced by the
# simulator's.

SIM_HOME := $B/tests/sim/images
SIM_COMMA := ,
sim_wrap = $(addprefix -Wl$(SIM_COMMA)--wrap=,$1)
SIM_SHARED := -shared -Wl,-Bsymbolic,-z,now,-z,relro,--no-undefined-version

SIM_IMAGE_CFLAGS := -Itests/sim/user $(HOST_CFLAGS) -fPIC -fvisibility=hidden
$B/tests/sim/image/%.o: %.c | $(PROTO_HEADERS) $(RT_STUBS)
	@mkdir -p $(@D)
	$(HOSTCC) $(SIM_IMAGE_CFLAGS) -c -o $@ $<

$B/tests/sim/image/generated/%.o: $B/%.c | $(PROTO_HEADERS) $(RT_STUBS)
	@mkdir -p $(@D)
	$(HOSTCC) $(SIM_IMAGE_CFLAGS) -c -o $@ $<

sim_objects = $(patsubst %.c,$B/tests/sim/image/%.o,$(patsubst $B/%,generated/%,$1))

# The runtime, without what user/begin.c has instead.
SIM_RT_WITHOUT := $(addprefix servers/rt/,start/begin.c start/image.c task/abort.c task/compat.c task/memory.c \
                    task/random.c task/time.c pure/chacha20.c pure/regions.c pure/relocate.c linux/%)
SIM_RT := $(filter-out $(SIM_RT_WITHOUT),$(wildcard servers/rt/*/*.c)) tests/sim/user/begin.c $(wildcard servers/proto/*.c) \
          $(COMMON) $(PROTO_NAMES:%=$B/servers/proto/%.c) $(PROTO_NAMES:%=$B/servers/proto/%_values.c)
$B/tests/sim/image/rt.a: $(call sim_objects,$(SIM_RT))
	@rm -f $@
	ar rcs $@ $^

SIM_PROGRAM_WRAP := $(call sim_wrap,malloc calloc realloc free getrandom exit abort __assert_fail)

# $(call sim_program,NAME,SOURCES)
define sim_program
SIM_IMAGES += $(SIM_HOME)/$1.so
$(SIM_HOME)/$1.so: $(call sim_objects,$2) $B/tests/sim/image/rt.a
	@mkdir -p $$(@D)
	$(HOSTCC) $(SIM_SHARED) $$(SIM_PROGRAM_WRAP) -Wl,-u,image_begin -o $$@ $$^
endef

SIM_IMAGES := $(SIM_HOME)/kernel.so
$(eval $(call sim_program,init,$(call server_sources,servers/init,init)))
$(eval $(call sim_program,name,$(call server_sources,servers/name,name)))
$(eval $(call sim_program,log,$(call server_sources,servers/log,log)))
$(eval $(call sim_program,net,$(netipc_server_SOURCES) tests/sim/user/net.c))
SIM_NET_WRAP := $(call sim_wrap,core_create export_reference import_accept protect_sender_init \
                $(addprefix crypto_scalarmult_,curve25519 curve25519_base)) -Wl,-u,image_check
$(SIM_HOME)/net.so: private SIM_PROGRAM_WRAP += $(SIM_NET_WRAP)
$(eval $(call sim_program,card,tests/sim/user/card.c drivers/lib/nic.c))

$(eval $(call sim_program,app,$(addprefix tests/sim/user/,app.c bag.c gifts.c view.c)))

# COVERAGE=yes (tests/coverage): what the simulator loads writes down what it has executed (user/coverage.c). gcc's library
# for that must not take the memory of the program that it watches.
ifdef COVERAGE
SIM_COVERAGE := $B/tests/sim/image/tests/sim/user/coverage.o $B/tests/sim/libgcov.a
$(SIM_HOME)/net.so $(SIM_HOME)/name.so: $(SIM_COVERAGE)
$(SIM_HOME)/net.so $(SIM_HOME)/name.so: private SIM_SHARED += -Wl,-u,image_dump

$B/tests/sim/libgcov.a:
	@mkdir -p $(@D)
	objcopy $(foreach name,malloc calloc realloc free,--redefine-sym $(name)=__libc_$(name)) \
	        $$($(HOSTCC) -print-file-name=libgcov.a) $@
endif

# The transport with a defect planted into its core (netipc/core/breakage.h).
SIM_BREAKS := duplicate reorder leak epoch count border overlap

# $(call sim_broken,DEFECT): $B/tests/sim/DEFECT/net.so
define sim_broken
$B/tests/sim/$1/%.o: netipc/core/%.c | $(PROTO_HEADERS) $(RT_STUBS)
	@mkdir -p $$(@D)
	$(HOSTCC) $(SIM_IMAGE_CFLAGS) -DCORE_BREAK=CORE_BREAK_$1 -c -o $$@ $$<

$B/tests/sim/$1/net.so: $(patsubst netipc/core/%.c,$B/tests/sim/$1/%.o,$(filter netipc/core/%,$(NETIPC_CORE))) \
                        $(call sim_objects,$(wildcard netipc/crypto/*.c netipc/server/*.c) tests/sim/user/net.c) $B/tests/sim/image/rt.a
	$(HOSTCC) $(SIM_SHARED) $(SIM_PROGRAM_WRAP) $(SIM_NET_WRAP) -Wl,-u,image_begin -o $$@ $$^
endef
$(foreach defect,$(SIM_BREAKS),$(eval $(call sim_broken,$(defect))))

# The kernel, on the machine of its unit tests.
SIM_KERNEL := $(filter-out kernel/debug/panic.c kernel/debug/symbols.c,$(wildcard kernel/*/*.c)) \
              $(addprefix tests/unit/kernel/host/,machine.c mmu.c context.c) tests/sim/machine.c
SIM_KERNEL_CFLAGS := $(HOST_CFLAGS) -fPIC -fvisibility=hidden -fno-strict-aliasing -Dsched_yield=kernel_sched_yield
$B/tests/sim/kernel/%.o: %.c | $(kernel_HANDLERS)
	@mkdir -p $(@D)
	$(HOSTCC) $(SIM_KERNEL_CFLAGS) -c -o $@ $<

$(SIM_HOME)/kernel.so: $(SIM_KERNEL:%.c=$B/tests/sim/kernel/%.o)
	@mkdir -p $(@D)
	$(HOSTCC) $(SIM_SHARED) $(call sim_wrap,space_resolve space_read space_write context_loaded context_unload arch_switch arch_hand_over ioport_in ioport_out console_show account_alloc account_charge account_take_page memory_snapshot) -o $@ $^

# The table of message forms, which is played here, too.
$(eval $(call sim_program,target,tests/semantics/target.c $(SEMANTICS_COMMON)))
$(eval $(call sim_program,sender,tests/semantics/sender.c $(SEMANTICS_FORMS) $(SEMANTICS_COMMON)))

# What the nodes boot. A program's file holds its name where its first instruction would be.
SIM_PROGRAMS := name log net card app target sender
SIM_MANIFESTS := servers/name/manifest servers/log/manifest netipc/server/manifest \
                 $(wildcard tests/sim/user/*.manifest tests/semantics/*.manifest)
$B/tests/sim/root/bin/%: tests/sim/name
	@mkdir -p $(@D)
	@tests/sim/name $* $@

$(SIM_HOME)/%.name: tests/sim/name
	@mkdir -p $(@D)
	@tests/sim/name $* $@

$(SIM_HOME)/boot.cpio: $(SIM_PROGRAMS:%=$B/tests/sim/root/bin/%) $(SIM_MANIFESTS) $$(IMAGE_PROGRAM) tools/image/stage
	@mkdir -p $(@D)
	@tools/image/stage $B/tests/sim/root $(SIM_PROGRAMS:%=$B/tests/sim/root/bin/%) -- $(SIM_MANIFESTS)
	$(IMAGE_PROGRAM) -o $@ $B/tests/sim/root

$(SIM_HOME)/system.description: tests/sim/system.description
	@mkdir -p $(@D)
	@cp $< $@

$(SIM_HOME)/play.description: tests/sim/system.description tests/semantics/system.description
	@mkdir -p $(@D)
	@sed '/^component app /d' $^ >$@

SIM_FILES := $(SIM_IMAGES) $(addprefix $(SIM_HOME)/,boot.cpio init.name system.description play.description)

SIM_SOURCES := $(filter-out tests/sim/machine.c,$(wildcard tests/sim/*.c))
$(call hosted,$(SIM_SOURCES)): private HOST_CFLAGS := -Itests/sim/user $(HOST_CFLAGS)
$(call hosted,$(SIM_SOURCES)): | $(RT_STUBS)
$(eval $(call host_program,$B/tests/sim/sim,$(SIM_SOURCES) $(addprefix tools/switch/,capture.c output.c) \
        $(addprefix netipc/crypto/,hex.c identity.c keys.c noise.c) tests/sim/fiber_switch.S,-rdynamic -Wl$(SIM_COMMA)--no-as-needed -lsodium))

$B/hosted/%.o: %.S
	@mkdir -p $(@D)
	$(HOSTCC) -c -o $@ $<

SUITES += sim
sim_NET = $(if $(BREAK),$B/tests/sim/$(BREAK)/net.so)
sim: setup-run
	$(if $(filter-out $(SIM_BREAKS),$(BREAK)),$(error BREAK=$(BREAK): it must be one of $(SIM_BREAKS)))
	@$(MAKE) --no-print-directory $B/tests/sim/sim $(SIM_FILES) $(sim_NET)
	@$B/tests/sim/sim --images $(SIM_HOME) --seed $(or $(SEED),1) --seeds $(or $(SEEDS),10000) --nodes $(or $(NODES),3) \
	        --calls $(or $(CALLS),1000) $(if $(BREAK),--net $(sim_NET)) --keep $B/tests/sim/failed \
	        $(if $(CAPTURE)$(TRACE),$(if $(CAPTURE),--capture $(CAPTURE)) $(if $(TRACE),--trace),--jobs $$(nproc))

.PHONY: sim-long
sim-long:
	@$(MAKE) --no-print-directory sim SEED=$(or $(SEED),1000000) SEEDS=$(or $(SEEDS),100000)

LONG_SUITES += sim-references
suite-sim-references: $B/tests/sim/sim $(SIM_FILES)
	@tests/sim/references $< $(SIM_HOME)

suite-sim: $B/tests/sim/sim $(SIM_FILES) $(SIM_BREAKS:%=$B/tests/sim/%/net.so)
	@tests/sim/run $< $(SIM_HOME) $(SIM_BREAKS)

SUITES += semantics-simulated
suite-semantics-simulated: $B/tests/sim/sim $(SIM_FILES)
	@tests/semantics/simulated $< $(SIM_HOME)
