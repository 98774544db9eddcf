/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps with 64-bit keys; see map.h. */
#include "tools/wireshark/map.h"

wmem_map_t *map_new(void)
{
        return wmem_map_new(wmem_file_scope(), wmem_int64_hash, g_int64_equal);
}

void *map_get(wmem_map_t *map, guint64 key)
{
        return wmem_map_lookup(map, &key);
}

void map_put(wmem_map_t *map, guint64 key, void *value)
{
        wmem_map_insert(map, wmem_memdup(wmem_file_scope(), &key, sizeof(key)), value);
}

guint32 map_frame(wmem_map_t *map, guint64 key, guint32 frame)
{
        guint32 before = GPOINTER_TO_UINT(map_get(map, key));
        if (!before)
                map_put(map, key, GUINT_TO_POINTER(frame));
        return before;
}
