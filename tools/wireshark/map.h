/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps with 64-bit keys, which hostile captures may choose: so the hash is a strong one. They live
 * in Wireshark's file scope. */
#ifndef WIRESHARK_MAP_H
#define WIRESHARK_MAP_H

#include <epan/packet.h>

wmem_map_t *map_new(void);

/* NULL if there is nothing at the key. */
void *map_get(wmem_map_t *map, guint64 key);

/* Replaces what there was. */
void map_put(wmem_map_t *map, guint64 key, void *value);

/* The frame noted for the key, or 0, and then this one is noted. */
guint32 map_frame(wmem_map_t *map, guint64 key, guint32 frame);

#endif
