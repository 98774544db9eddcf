# What init reads, the system description and the manifests; and how it silences devices (fence.c).
SOURCES_init = $(CLUSTER_SYSTEM) $(DRIVERS_PCI_ACCESS)
