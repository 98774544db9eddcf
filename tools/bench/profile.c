/* Where the instructions of a guest go: a plugin for QEMU that counts, function by function, what
 * is executed between marks (tests/bench/kernel/loops.h, tests/bench/marks.h).
 *
 *      -plugin profile.so,symbols=FILE,row=ADDRESS,begin=ADDRESS[,vector=ADDRESS],end=ADDRESS,
 *              out=FILE
 *
 * symbols: the output of `nm` for the kernel and for programs, one after the other.
 *
 * At each `row` a new row begins. Counters run all the time, since QEMU adds to them without a
 * call; at `begin`, and at `vector`, the kernel's entry of an interrupt, they are noted, and at
 * `end` the difference goes to the row. At the end of QEMU a line is written for each row and
 * function that was executed:
 *
 *      ROW INSTRUCTIONS FUNCTION
 *
 * and for each row one of the function `(space)` for loads of CR3. One processor. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/bench/plugin.h"

enum { FUNCTIONS_MAX = 32768, NAME_MAX_BYTES = 64, ROWS_MAX = 32 };

struct function {
        uint64_t address;
        char name[NAME_MAX_BYTES];
        uint64_t executed; /* since the start; QEMU's code adds to it */
        uint64_t noted;
        uint64_t rows[ROWS_MAX];
};

/* The first two are no symbols. */
enum { SPACE = 0, UNKNOWN = 1, SYMBOLS = 2 };

static struct {
        struct function functions[FUNCTIONS_MAX];
        size_t count;
        uint64_t row_mark, begin_mark, vector_mark, end_mark;
        unsigned row; /* from 1 */
        bool counting;
        const char *out;
} profile = {
    .functions = {[SPACE] = {.name = "(space)"}, [UNKNOWN] = {.name = "(unknown)"}},
    .count = SYMBOLS,
};

__attribute__((visibility("default"))) int qemu_plugin_version = QEMU_PLUGIN_VERSION;
__attribute__((visibility("default"))) int
qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv);

/* ---- symbols ---- */

static int function_compare(const void *a, const void *b)
{
        const struct function *x = a, *y = b;
        return (x->address > y->address) - (x->address < y->address);
}

/* Code symbols, the first of those at one address. False: none can be read, or not all of them. */
static bool symbols_read(const char *path)
{
        FILE *file = fopen(path, "re");
        char line[256], name[NAME_MAX_BYTES], kind;
        uint64_t address;
        if (!file)
                return false;
        while (fgets(line, sizeof line, file) && profile.count < FUNCTIONS_MAX) {
                if (sscanf(line, "%" SCNx64 " %c %63s", &address, &kind, name) != 3 ||
                    !strchr("tTwW", kind))
                        continue;
                struct function *function = &profile.functions[profile.count++];
                function->address = address;
                strcpy(function->name, name);
        }
        fclose(file);
        qsort(profile.functions + SYMBOLS, profile.count - SYMBOLS, sizeof(struct function),
              function_compare);
        return profile.count > SYMBOLS && profile.count < FUNCTIONS_MAX;
}

static struct function *function_at(uint64_t address)
{
        size_t low = SYMBOLS, high = profile.count;
        if (low == high || address < profile.functions[low].address)
                return &profile.functions[UNKNOWN];
        while (high - low > 1) {
                size_t middle = (low + high) / 2;
                if (profile.functions[middle].address <= address)
                        low = middle;
                else
                        high = middle;
        }
        while (low > SYMBOLS &&
               profile.functions[low - 1].address == profile.functions[low].address)
                low--;
        return &profile.functions[low];
}

/* ---- marks ---- */

static void row_begins(unsigned vcpu, void *data)
{
        (void)vcpu, (void)data;
        if (profile.row + 1 < ROWS_MAX)
                profile.row++;
}

static void round_begins(unsigned vcpu, void *data)
{
        (void)vcpu, (void)data;
        for (size_t i = 0; i < profile.count; i++)
                profile.functions[i].noted = profile.functions[i].executed;
        profile.counting = true;
}

static void round_ends(unsigned vcpu, void *data)
{
        (void)vcpu, (void)data;
        if (!profile.counting)
                return;
        profile.counting = false;
        for (size_t i = 0; i < profile.count; i++) {
                struct function *function = &profile.functions[i];
                function->rows[profile.row] += function->executed - function->noted;
        }
}

/* ---- translation ---- */

/* MOV to CR3: 0F 22 /3, Intel SDM volume 2. */
static bool loads_space(const struct qemu_plugin_insn *insn)
{
        const uint8_t *bytes = qemu_plugin_insn_data(insn);
        return qemu_plugin_insn_size(insn) >= 3 && bytes[0] == 0x0f && bytes[1] == 0x22 &&
               (bytes[2] >> 3 & 7) == 3;
}

static void insn_translated(struct qemu_plugin_insn *insn)
{
        uint64_t address = qemu_plugin_insn_vaddr(insn);
        struct function *function = function_at(address);
        qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64,
                                                   &function->executed, 1);
        if (loads_space(insn))
                qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64,
                                                           &profile.functions[SPACE].executed, 1);
        qemu_plugin_insn_cb mark = address == profile.row_mark      ? row_begins
                                   : address == profile.begin_mark  ? round_begins
                                   : address == profile.vector_mark ? round_begins
                                   : address == profile.end_mark    ? round_ends
                                                                    : NULL;
        if (mark)
                qemu_plugin_register_vcpu_insn_exec_cb(insn, mark, QEMU_PLUGIN_CB_NO_REGS, NULL);
}

static void block_translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
        (void)id;
        for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++)
                insn_translated(qemu_plugin_tb_get_insn(tb, i));
}

static void profile_write(qemu_plugin_id_t id, void *data)
{
        (void)id, (void)data;
        FILE *file = fopen(profile.out, "we");
        if (!file) {
                perror(profile.out);
                return;
        }
        for (unsigned row = 1; row <= profile.row; row++)
                for (size_t i = 0; i < profile.count; i++)
                        if (i == SPACE || profile.functions[i].rows[row])
                                fprintf(file, "%u %" PRIu64 " %s\n", row,
                                        profile.functions[i].rows[row], profile.functions[i].name);
        if (fclose(file))
                perror(profile.out);
}

/* ---- the command line ---- */

/* The value if the argument is `key=value`, else NULL. */
static const char *value_of(const char *argument, const char *key)
{
        size_t length = strlen(key);
        return !strncmp(argument, key, length) && argument[length] == '=' ? argument + length + 1
                                                                          : NULL;
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
        bool symbols = false;
        (void)info;
        for (int i = 0; i < argc; i++) {
                const char *value;
                if ((value = value_of(argv[i], "symbols")))
                        symbols = symbols_read(value);
                else if ((value = value_of(argv[i], "row")))
                        profile.row_mark = strtoull(value, NULL, 16);
                else if ((value = value_of(argv[i], "begin")))
                        profile.begin_mark = strtoull(value, NULL, 16);
                else if ((value = value_of(argv[i], "vector")))
                        profile.vector_mark = strtoull(value, NULL, 16);
                else if ((value = value_of(argv[i], "end")))
                        profile.end_mark = strtoull(value, NULL, 16);
                else if ((value = value_of(argv[i], "out")))
                        profile.out = strdup(value);
        }
        if (!symbols || !profile.row_mark || !profile.begin_mark || !profile.end_mark ||
            !profile.out) {
                fprintf(stderr, "profile: symbols, row, begin, end and out are wanted\n");
                return -1;
        }
        qemu_plugin_register_vcpu_tb_trans_cb(id, block_translated);
        qemu_plugin_register_atexit_cb(id, profile_write, NULL);
        return 0;
}
