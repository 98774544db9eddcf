# The registry of the cluster's names is pure code that the server brings to life.
SOURCES_name = $(wildcard cluster/core/*.c) cluster/system/text.c
