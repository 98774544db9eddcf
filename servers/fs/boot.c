/* The start of the tree; see boot.h. The module is mapped before the account is looked at, because
 * its page tables are paid by it. */
#include "servers/fs/boot.h"

#include "servers/fs/archive.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/memory.h"
#include "servers/rt/task/time.h"
#include "servers/rt/start/startup.h"

/* Of the account: what malloc, message buffers and kernel objects need beside the tree. */
enum { RESERVE = 512 << 10 };

struct archive {
        const void *bytes;
        uint64_t length;
};

/* The boot module; empty, and said so, if there is none. */
static struct archive archive_map(void)
{
        handle_t module = rt_handle("files");
        uint64_t bytes = 0;
        void *address = NULL;
        if (!module) {
                rt_log("no boot module `files`: the tree is empty");
                return (struct archive){NULL, 0};
        }
        outcome_t outcome = sys_memory_info(module, &bytes, NULL);
        if (outcome == OUTCOME_OK)
                outcome = rt_memory_map(module, 0, bytes, MAP_READ, &address);
        if (outcome != OUTCOME_OK)
                rt_log("boot: files 0: the archive cannot be mapped: %s",
                       reason_text(outcome_reason(outcome)));
        return (struct archive){address, outcome == OUTCOME_OK ? bytes : 0};
}

/* A name of the archive as the log can show it. */
static void missing_log(const struct archive_missing *missing)
{
        enum { SHOWN = 80 };
        char name[SHOWN + 1];
        size_t length = missing->name_length < SHOWN ? missing->name_length : SHOWN;
        for (size_t i = 0; i < length; i++)
                name[i] = (unsigned char)missing->name[i] < ' ' || missing->name[i] == 0x7f
                              ? '?'
                              : missing->name[i];
        name[length] = 0;
        rt_log("not served: %s%s: %s", name, length < missing->name_length ? "..." : "",
               reason_text(outcome_reason(missing->why)));
}

/* Whoever boots the node compares the last line with what was given. */
static void files_report(const struct archive_report *report)
{
        for (size_t i = 0; i < report->left_out && i < ARCHIVE_NAMED; i++)
                missing_log(&report->missing[i]);
        if (report->left_out > ARCHIVE_NAMED)
                rt_log("not served: %zu more", report->left_out - ARCHIVE_NAMED);
        rt_log("boot: files %zu of %zu%s", report->served, report->served + report->left_out,
               report->damaged ? ", and the archive is damaged behind them" : "");
}

/* What the tree may take: the account, less what is used by now, the archive's page tables
 * included. */
static outcome_t tree_make(struct tree *tree, const char *at)
{
        uint64_t used = 0, limit = 0;
        outcome_t outcome = sys_account_info(rt_handle("account"), &used, &limit);
        if (outcome != OUTCOME_OK)
                return outcome;
        return tree_start(tree, limit > used + RESERVE ? limit - used - RESERVE : 0, at);
}

outcome_t boot_load(struct tree *tree, const char *at)
{
        struct archive archive = archive_map();
        struct archive_report report;
        outcome_t outcome = tree_make(tree, at);
        if (outcome != OUTCOME_OK)
                return outcome;
        tree->next_number += rt_boot_date();
        archive_load(tree, archive.bytes, archive.length, rt_date() / RT_SECOND, &report);
        if (archive.length > 0)
                files_report(&report);
        return OUTCOME_OK;
}
