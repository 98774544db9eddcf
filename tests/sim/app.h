/* What an application (app.c) needs of the kernel's part (kernel.c). */
#ifndef SIM_APP_H
#define SIM_APP_H

#include "sim.h"

enum { NO_CONTENT = UINT32_MAX }; /* in place of a length: the answer was given without content */

/* A new right of the node: to a port, or if `proxy` is not 0, standing for that import. */
uint64_t object_make(struct node *node, uint8_t type, uint64_t proxy, uint64_t real);
/* Where the node keeps an import: *far_link() is NULL if it has none such. */
struct far_right **far_link(struct node *node, core_import_t import);
/* Gives the core a reference of each local right in a message (1), or takes it back (-1). */
void caps_refer(struct node *node, const struct core_message *message, int by);
void note_free(struct deferred *note);

/* The bag. */
void bag_add(struct node *node, bool far, uint64_t id);
void bag_drop(struct node *node, unsigned at);
bool bag_dead(struct node *node, unsigned at);

/* Calls under way. */
struct open *open_take(struct node *node, enum open_state state);
uint64_t cookie_of(const struct node *node, const struct open *open);
void answer_later(struct node *node, const struct open *open, uint64_t delay);
uint64_t serving_time(struct sim *sim);

#endif
