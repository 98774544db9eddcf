# What init reads, the system description and the manifests; and how it silences devices (fence.c).
SOURCES_init = $(wildcard cluster/system/*.c) $(DRIVERS_PCI_ACCESS)
