/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the testbed's switch did with a frame, by the comment that it wrote beside it in a pcapng
 * (tools/switch/README.md, "A frame stands in the capture once"). Other comments are not looked
 * at. */
#include "tools/wireshark/dissect.h"

#include <epan/strutil.h>
#include <wiretap/wtap.h>

enum { COMMENTS_MAX = 4 /* of a frame; the switch writes one */ };

static bool says(const char *comment, const char *const words[], unsigned count)
{
        for (unsigned i = 0; i < count; i++)
                if (strstr(comment, words[i]))
                        return true;
        return false;
}

static void comment_add(struct view *view, const char *comment)
{
        static const char *const lost[] = {"dropped: "};
        static const char *const disturbed[] = {"delayed ", "reordered", "doubled",
                                                "corrupted: bit "};
        bool is_lost = says(comment, lost, array_length(lost));
        if (!is_lost && !says(comment, disturbed, array_length(disturbed)))
                return;
        const char *text = format_text(view->pinfo->pool, (const guchar *)comment, strlen(comment));
        proto_item *item = proto_tree_add_string(view->tree, field.fate, view->tvb, 0, 0, text);
        proto_item_set_generated(item);
        expert_add_info_format(view->pinfo, item, is_lost ? &expert.lost : &expert.disturbed,
                               "The switch: %s", text);
        info_add(view->info, "[%s]", text);
}

void fate_add(struct view *view)
{
        wtap_block_t block = view->pinfo->rec ? view->pinfo->rec->block : NULL;
        char *comment;
        for (guint i = 0; block && i < COMMENTS_MAX; i++)
                if (wtap_block_get_nth_string_option_value(block, OPT_COMMENT, i, &comment) ==
                    WTAP_OPTTYPE_SUCCESS)
                        comment_add(view, comment);
}
