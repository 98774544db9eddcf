# The registry of the cluster's names is pure code that the server brings to life.
SOURCES_name = cluster/core/registry.c cluster/core/registry_table.c cluster/system/text.c
