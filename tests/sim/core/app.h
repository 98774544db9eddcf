/* What runs on a node, between its three parts: the application (app.c), the kernel's callbacks
 * (kernel.c) and rights (rights.c). */
#ifndef SIM_APP_H
#define SIM_APP_H

#include "tests/sim/core/sim.h"

enum { NO_CONTENT = UINT32_MAX }; /* in place of a length: the answer was given without content */

/* The right of this node with that token; NULL, and the run fails, if there is none. */
struct object *object_at(struct node *node, uint64_t token);
/* A new right of the node: to a port or, if `proxy` is not 0, one that stands for that import. */
uint64_t object_make(struct node *node, uint8_t type, uint64_t proxy, uint64_t real);
/* A right that stands for an import ends with its last reference. */
void object_check_end(struct node *node, struct object *object);

/* Where the node keeps an import: *far_link() is NULL if it does not have it. */
struct far_right **far_link(struct node *node, core_import_t import);
/* The node's import that leads to the port `real`, made if need be. */
struct far_right *far_get(struct node *node, core_import_t import, uint64_t real, uint8_t type);
/* One holder fewer; with the last one the import is dropped, later. */
void far_release(struct node *node, struct far_right *far);
void far_forget(struct node *node, core_import_t import);

/* Keeps the rights of a message while it is relayed; gives them back. */
void caps_hold(struct node *node, const struct core_message *message, bool answer);
void caps_release(struct node *node, const struct core_message *message);
/* Gives the core a reference of each local right in a message (1), or takes it back (-1). */
void caps_refer(struct node *node, const struct core_message *message, int by);
/* The application takes the capabilities of a message into its bag. */
void caps_take(struct node *node, const struct core_message *message, bool answer);

/* The bag. */
void bag_add(struct node *node, bool far, uint64_t id);
void bag_drop(struct node *node, unsigned at);
bool bag_dead(struct node *node, unsigned at);

/* Notes something to be done once the core has returned. */
struct deferred *defer(struct node *node, enum deferred_kind kind, uint64_t id);
void note_free(struct deferred *note);

/* Calls in progress. */
struct open *open_take(struct node *node, enum open_state state);
uint64_t cookie_of(const struct node *node, const struct open *open);
void answer_later(struct node *node, const struct open *open, uint64_t delay);
uint64_t serving_time(struct sim *sim);

#endif
