# What init reads, the system description and the manifests; and how it silences devices (fence.c).
SOURCES_init = $(CLUSTER_SYSTEM) \
        $(addprefix drivers/bus/pci/,config_access.c config_ports.c ecam.c functions.c stop.c) drivers/lib/pci_config.c
