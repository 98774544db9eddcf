/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The capability tables of a session, as they are after a packet that changes one. */
#include "tools/wireshark/dissect.h"
#include "tools/wireshark/exports.h"

enum { ROWS_MAX = 64 };

struct table {
        struct view *view;
        proto_tree *tree;
        proto_item *item;
        unsigned rows;
};

static const char *row_text(wmem_allocator_t *pool, const struct export *export, guint32 count,
                            bool dead)
{
        return wmem_strdup_printf(pool, "%u.%u%s%s: %s%s", export->id, export->generation,
                                  export->name ? " " : "", export->name ? export->name : "",
                                  count ? wmem_strdup_printf(pool, "%u", count) : "not known",
                                  dead ? ", dead" : "");
}

/* The root is always there, and not counted. */
static void row_add(void *context, const struct export *export, guint32 count, bool dead)
{
        struct table *table = context;
        if (export->id == WIRE_ROOT_EXPORT || ++table->rows > ROWS_MAX)
                return;
        proto_item_set_generated(
            proto_tree_add_string(table->tree, field.table, table->view->tvb, 0, 0,
                                  row_text(table->view->pinfo->pool, export, count, dead)));
}

static void table_add(struct view *view, bool of_sender)
{
        const struct packet_note *note = view->note;
        const char *from = of_sender ? note->from : note->to;
        struct table table = {.view = view};
        table.tree =
            proto_tree_add_subtree(view->tree, view->tvb, 0, 0, tree.table, &table.item, NULL);
        exports_at(track_exports(note, of_sender), view->pinfo->num, row_add, &table);
        proto_item_set_text(table.item, "Rights of %s that the other holds after this packet: %u",
                            from        ? from
                            : of_sender ? "the sender"
                                        : "the receiver",
                            table.rows);
        proto_item_set_generated(table.item);
}

void tables_add(struct view *view)
{
        table_add(view, true);
        table_add(view, false);
}
