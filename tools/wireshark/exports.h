/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The capability tables of sessions: what each node has given to the other, as messages show it.
 *
 *      a capability in a message   +1 of the sender's export; named by what was asked for
 *      RELEASE                     -n of the receiver's exports
 *      DEAD                        the sender's export is dead
 *
 * A table is known at each packet: an export keeps all its counts, with the frames in which they
 * came to be. Exports that the capture has not seen given are entered when they are called, with a
 * count that is not known. Of each node and session the first EXPORTS_MAX are kept: as many as a
 * node gives. Lives in Wireshark's file scope. */
#ifndef WIRESHARK_EXPORTS_H
#define WIRESHARK_EXPORTS_H

#include <epan/packet.h>

enum { EXPORTS_MAX = 1024 };

struct exports;

struct export
{
        guint32 id, generation;
        const char *name; /* "fs", "file README.md"; NULL: not known */
};

struct exports *exports_new(void);

/* The root is there from the start. NULL: it is not in the table. */
const struct export *exports_find(const struct exports *exports, guint32 id, guint32 generation);

/* What packets say, each once, in the order of the capture. The name is taken if there is none
 * yet, and lives as long as the table. A count of 0: it was used only. */
void exports_given(struct exports *exports, guint32 frame, guint32 id, guint32 generation,
                   guint32 count, const char *name);
void exports_released(struct exports *exports, guint32 frame, guint32 id, guint32 generation,
                      guint32 count);
void exports_dead(struct exports *exports, guint32 frame, guint32 id, guint32 generation);

/* Calls `show` for each export that is held, or dead and held, after a frame. `count` 0: not
 * known. */
void exports_at(const struct exports *exports, guint32 frame,
                void (*show)(void *context, const struct export *export, guint32 count, bool dead),
                void *context);

#endif
