/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who speaks to whom, as node and component: `portolan.source` and `portolan.destination`, "n1" or
 * "n2/fs". The wire names the called side's component, by the right that is called (exports.h),
 * and not the caller's. A node whose name is not known is its address. Of several messages in a
 * packet the first counts. */
#include "tools/wireshark/dissect.h"
#include "tools/wireshark/nodes.h"

#include <epan/to_str.h>

const char *node_text(struct view *view, bool sender)
{
        const struct packet_note *note = view->note;
        const address *at = sender ? &view->pinfo->src : &view->pinfo->dst;
        const char *name = note ? (sender ? note->from : note->to) : sender ? view->hello : NULL;
        if (!name)
                name = nodes_at(at);
        return name ? name : address_to_str(view->pinfo->pool, at);
}

static const char *end_add(struct view *view, int shown, const char *node, const char *component)
{
        const char *text =
            component ? wmem_strdup_printf(view->pinfo->pool, "%s/%s", node, component) : node;
        proto_item_set_generated(proto_tree_add_string(view->tree, shown, view->tvb, 0, 0, text));
        return text;
}

void ends_add(struct view *view)
{
        view->source = end_add(view, field.source, node_text(view, true),
                               view->by_called ? view->service : NULL);
        view->destination = end_add(view, field.destination, node_text(view, false),
                                    view->by_called ? NULL : view->service);
}
