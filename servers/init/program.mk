# What init reads: the system description and the manifests.
SOURCES_init = $(wildcard cluster/system/*.c)
