/* Makes the table and bench.json from what was measured.
 *
 *      report JSON [PART...] < measurements
 *
 * A measurement is a line `ROW COLUMN NUMBER`. Columns: value (the row's figure), wall (host
 * nanoseconds of one operation), spaces (loads of CR3 in it), copied (instructions of it that move
 * bytes), cycles and no_pcid (of an operation under KVM, and with PCID hidden). Rows are those of
 * rows.def, in the table those of the parts named (all, if none is); one of them without a value
 * could not be measured: the exit status is 1. In JSON all rows stand, with null where there is no
 * figure. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum column { VALUE, WALL, SPACES, COPIED, CYCLES, NO_PCID, COLUMNS };

static const char *const column_names[COLUMNS] = {"value",  "wall",   "spaces",
                                                  "copied", "cycles", "no_pcid"};

struct row {
        const char *part, *name, *unit;
        double reference, goal, stretch; /* 0: none */
        const char *text;
        double figures[COLUMNS];
        bool known[COLUMNS];
};

static struct row rows[] = {
#define ROW(part, name, unit, reference, goal, stretch, text)                                      \
        {#part, #name, unit, reference, goal, stretch, text, {0}, {0}},
#include "tools/bench/rows.def"
};

enum { ROWS = sizeof(rows) / sizeof(*rows) };

static bool measurement_take(const char *name, const char *column, double figure)
{
        for (unsigned i = 0; i < ROWS; i++)
                for (unsigned c = 0; c < COLUMNS && !strcmp(rows[i].name, name); c++)
                        if (!strcmp(column_names[c], column)) {
                                rows[i].figures[c] = figure;
                                return rows[i].known[c] = true;
                        }
        return false;
}

static bool measurements_read(FILE *file)
{
        char line[256], name[64], column[16];
        double figure;
        while (fgets(line, sizeof line, file))
                if (sscanf(line, "%63s %15s %lf", name, column, &figure) != 3 ||
                    !measurement_take(name, column, figure)) {
                        fprintf(stderr, "report: no measurement: %s", line);
                        return false;
                }
        return true;
}

/* Whether the goal is met, or else: there is no figure, or no goal. */
static const char *met(const struct row *row, const char *yes, const char *no, const char *none)
{
        return !row->goal || !row->known[VALUE]   ? none
               : row->figures[VALUE] <= row->goal ? yes
                                                  : no;
}

static bool is_wanted(const struct row *row, char *const *parts)
{
        if (!*parts)
                return true;
        while (*parts && strcmp(*parts, row->part))
                parts++;
        return *parts;
}

/* Whole numbers as such, others with as many digits as are significant. */
static int digits(double figure)
{
        return figure == (double)(long long)figure || figure >= 1000 ? 0
               : figure < 0.1                                        ? 4
               : figure < 10                                         ? 2
                                                                     : 1;
}

static void cell(bool known, double figure)
{
        if (known)
                printf(" %10.*f", digits(figure), figure);
        else
                printf(" %10s", "-");
}

static void table_print(char *const *parts)
{
        printf("%-23s %-12s %10s %10s %10s %-4s %9s %10s %10s %10s %10s %10s\n", "name", "unit",
               "value", "reference", "goal", " met", "stretch", "wall us", "spaces", "copied",
               "cycles", "no PCID");
        for (unsigned i = 0; i < ROWS; i++) {
                const struct row *row = &rows[i];
                if (!is_wanted(row, parts))
                        continue;
                printf("%-23s %-12s", row->name, row->unit);
                cell(row->known[VALUE], row->figures[VALUE]);
                cell(row->reference != 0, row->reference);
                cell(row->goal != 0, row->goal);
                printf(" %-4s", met(row, " yes", " no", ""));
                cell(row->stretch != 0, row->stretch);
                cell(row->known[WALL], row->figures[WALL] / 1000);
                for (unsigned c = SPACES; c < COLUMNS; c++)
                        cell(row->known[c], row->figures[c]);
                printf("  %s\n", row->text);
        }
}

static void json_number(FILE *file, const char *key, bool known, double figure)
{
        if (known)
                fprintf(file, "\"%s\": %.*f, ", key, digits(figure), figure);
        else
                fprintf(file, "\"%s\": null, ", key);
}

static bool json_write(const char *path)
{
        FILE *file = fopen(path, "we");
        if (!file)
                return false;
        fputs("[\n", file);
        for (unsigned i = 0; i < ROWS; i++) {
                const struct row *row = &rows[i];
                fprintf(file, "  {\"name\": \"%s\", \"unit\": \"%s\", ", row->name, row->unit);
                json_number(file, "value", row->known[VALUE], row->figures[VALUE]);
                json_number(file, "reference", row->reference != 0, row->reference);
                json_number(file, "goal", row->goal != 0, row->goal);
                json_number(file, "stretch", row->stretch != 0, row->stretch);
                json_number(file, "cycles", row->known[CYCLES], row->figures[CYCLES]);
                json_number(file, "cycles_no_pcid", row->known[NO_PCID], row->figures[NO_PCID]);
                fprintf(file, "\"better\": \"less\", \"met\": %s}%s\n",
                        met(row, "true", "false", "null"), i + 1 < ROWS ? "," : "");
        }
        fputs("]\n", file);
        return fclose(file) == 0;
}

int main(int argc, char **argv)
{
        bool complete = true;
        if (argc < 2) {
                fprintf(stderr, "usage: report JSON [PART...] < measurements\n");
                return 2;
        }
        if (!measurements_read(stdin))
                return 2;
        table_print(argv + 2);
        for (unsigned i = 0; i < ROWS; i++)
                if (is_wanted(&rows[i], argv + 2) && !rows[i].known[VALUE]) {
                        fprintf(stderr, "report: %s: could not be measured\n", rows[i].name);
                        complete = false;
                }
        if (!json_write(argv[1])) {
                perror(argv[1]);
                return 2;
        }
        return !complete;
}
