/* A system description with the manifests that it names, read from files, and what can be wrong
 * with them together. The parsers are the ones that init uses (cluster/system). */
#ifndef CHECK_SYSTEM_H
#define CHECK_SYSTEM_H

#include <stdbool.h>
#include <stdio.h>
#include "cluster/system/description.h"
#include "cluster/system/manifest.h"

enum { SYSTEM_MANIFESTS = DESCRIPTION_COMPONENTS * COMPONENT_ALTERNATIVES };

struct file_text {
        char *path;
        struct text text;
};

struct system_manifest {
        struct text name;
        struct file_text file;
        struct manifest manifest;
};

struct system {
        struct file_text file;
        struct description description;
        struct system_manifest manifests[SYSTEM_MANIFESTS];
        unsigned manifest_count;
        struct text nodes; /* the cluster's */
        FILE *complaints;  /* one line each: FILE:LINE: what */
        unsigned errors;
};

/* Reads and parses the description alone. False: a complaint says why. */
bool system_read(struct system *system, const char *path);

/* Reads the manifests of all components from ROOT/manifest and looks for their programs in
 * ROOT/bin. Those that are missing or wrong are complained of and left out. */
void system_read_manifests(struct system *system, const char *root);

void system_free(struct system *system);

/* A line of complaint; counts it. */
__attribute__((format(printf, 4, 5))) void system_complain(struct system *system, const char *path,
                                                           unsigned line, const char *format, ...);

/* The component of that name, or NULL. */
struct described_component *system_component(struct system *system, struct text name);

/* The manifest of one of a component's alternatives, or NULL if it was left out. */
const struct system_manifest *system_manifest(const struct system *system,
                                              const struct described_component *component,
                                              unsigned alternative);

#endif
