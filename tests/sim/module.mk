# The simulator: one build for the core as it is, and one for each defect that can be planted into it.
#
#   make sim [SEED=1] [SEEDS=100] [NODES=3] [CALLS=1000] [BREAK=duplicate|reorder|leak|epoch|count]

SIM_BREAKS := duplicate reorder leak epoch count
SIM_CORE := $(patsubst netipc/core/%.c,%,$(NETIPC_CORE))
SIM_PARTS := $(patsubst tests/sim/%.c,%,$(wildcard tests/sim/*.c))

SUITES += sim

# $(call sim_build,NAME,DEFECT): $B/tests/sim/NAME/sim
define sim_build
$B/tests/sim/$1/core/%.o: netipc/core/%.c
	@mkdir -p $$(@D)
	$(HOSTCC) $(HOST_CFLAGS) -DCORE_BREAK=CORE_BREAK_$2 -c -o $$@ $$<

$B/tests/sim/$1/%.o: tests/sim/%.c
	@mkdir -p $$(@D)
	$(HOSTCC) $(HOST_CFLAGS) -DCORE_BREAK=CORE_BREAK_$2 -c -o $$@ $$<

$B/tests/sim/$1/sim: $(SIM_CORE:%=$B/tests/sim/$1/core/%.o) $(SIM_PARTS:%=$B/tests/sim/$1/%.o) $B/hosted/common.a
	$(HOSTCC) -o $$@ $$^ -lsodium
endef

$(eval $(call sim_build,sound,NONE))
$(foreach defect,$(SIM_BREAKS),$(eval $(call sim_build,$(defect),$(defect))))

sim_PROGRAM = $B/tests/sim/$(or $(BREAK),sound)/sim

sim: setup-run
	$(if $(filter-out $(SIM_BREAKS),$(BREAK)),$(error BREAK=$(BREAK): it must be one of $(SIM_BREAKS)))
	@$(MAKE) --no-print-directory $(sim_PROGRAM)
	@$(sim_PROGRAM) --seed $(or $(SEED),1) --seeds $(or $(SEEDS),100) --nodes $(or $(NODES),3) --calls $(or $(CALLS),1000)

suite-sim: $B/tests/sim/sound/sim $(SIM_BREAKS:%=$B/tests/sim/%/sim)
	@tests/sim/run $B/tests/sim $(SIM_BREAKS)
