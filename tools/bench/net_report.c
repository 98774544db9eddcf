/* Makes the table and bench-net.json from what the guests of `make bench-net` have printed.
 *
 *      net_report JSON [FIGURE...] < figures
 *
 * A line is `ALTERNATION FIGURE NUMBER`. A row of rows.def is the quotient of two figures, or one
 * figure alone. It is taken within each alternation, because the host has fast and slow phases;
 * what is reported is the median of those quotients, the least and the most of them, and the
 * medians of both figures. If figures are named, only rows that need none but these are reported,
 * and one of them without a value is a failure: the exit status is 1.
 *
 * In JSON all rows stand, with null where there is no value. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALTERNATIONS_MAX = 64, FIGURES_MAX = 128, NAME_BYTES = 48 };

enum better { LESS, MORE };

struct figure {
        char name[NAME_BYTES];
        double values[ALTERNATIONS_MAX]; /* NAN: none */
};

struct row {
        const char *name;
        enum better better;
        double goal, floor;        /* NAN: none */
        double before;             /* 0: none */
        const char *ours, *theirs; /* figures; theirs may be NONE */
        const char *text;
};

/* Median, least and most of some values. */
struct summary {
        unsigned count;
        double median, least, most;
};

static const struct row rows[] = {
#define PEER(name, better, goal, floor, before, ours, theirs, text)                                \
        {#name, better, goal, floor, before, #ours, #theirs, text},
#include "tools/bench/rows.def"
};

enum { ROWS = sizeof(rows) / sizeof(*rows) };

static struct figure figures[FIGURES_MAX];
static unsigned figure_count;

/* ---- figures ---- */

static struct figure *figure_find(const char *name)
{
        for (unsigned i = 0; i < figure_count; i++)
                if (!strcmp(figures[i].name, name))
                        return &figures[i];
        return NULL;
}

static struct figure *figure_get(const char *name)
{
        struct figure *figure = figure_find(name);
        if (figure || figure_count == FIGURES_MAX)
                return figure;
        figure = &figures[figure_count++];
        snprintf(figure->name, sizeof figure->name, "%s", name);
        for (unsigned i = 0; i < ALTERNATIONS_MAX; i++)
                figure->values[i] = NAN;
        return figure;
}

static bool figures_read(FILE *file)
{
        char line[256], name[NAME_BYTES];
        unsigned alternation;
        double value;
        while (fgets(line, sizeof line, file)) {
                struct figure *figure = NULL;
                if (sscanf(line, "%u %47s %lf", &alternation, name, &value) == 3 &&
                    alternation < ALTERNATIONS_MAX && isfinite(value))
                        figure = figure_get(name);
                if (!figure) {
                        fprintf(stderr, "net_report: no figure: %s", line);
                        return false;
                }
                figure->values[alternation] = value;
        }
        return true;
}

/* ---- rows ---- */

static int double_compare(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;
        return (x > y) - (x < y);
}

static struct summary summarize(const double *values)
{
        double known[ALTERNATIONS_MAX];
        struct summary summary = {0};
        for (unsigned i = 0; i < ALTERNATIONS_MAX; i++)
                if (!isnan(values[i]))
                        known[summary.count++] = values[i];
        if (!summary.count)
                return summary;
        qsort(known, summary.count, sizeof known[0], double_compare);
        unsigned middle = summary.count / 2;
        summary.median =
            summary.count % 2 ? known[middle] : (known[middle - 1] + known[middle]) / 2;
        summary.least = known[0];
        summary.most = known[summary.count - 1];
        return summary;
}

static bool is_alone(const struct row *row)
{
        return !strcmp(row->theirs, "NONE");
}

static struct summary figure_summary(const char *name)
{
        const struct figure *figure = figure_find(name);
        return figure ? summarize(figure->values) : (struct summary){0};
}

static struct summary row_summary(const struct row *row)
{
        const struct figure *ours = figure_find(row->ours), *theirs = figure_find(row->theirs);
        double quotients[ALTERNATIONS_MAX];
        if (is_alone(row))
                return figure_summary(row->ours);
        for (unsigned i = 0; i < ALTERNATIONS_MAX; i++)
                quotients[i] = ours && theirs && theirs->values[i] > 0
                                   ? ours->values[i] / theirs->values[i]
                                   : NAN;
        return summarize(quotients);
}

static bool reaches(const struct row *row, double value, double bound)
{
        return row->better == LESS ? value <= bound : value >= bound;
}

/* Where a value stands between floor and goal. */
static const char *verdict(const struct row *row, const struct summary *value)
{
        return !value->count || isnan(row->goal)                              ? ""
               : reaches(row, value->median, row->goal)                       ? "met"
               : isnan(row->floor) || reaches(row, value->median, row->floor) ? "short"
                                                                              : "BELOW FLOOR";
}

static bool is_named(const char *name, char *const *names)
{
        while (*names && strcmp(*names, name))
                names++;
        return *names;
}

static bool is_wanted(const struct row *row, char *const *names)
{
        return !*names ||
               (is_named(row->ours, names) && (is_alone(row) || is_named(row->theirs, names)));
}

/* ---- what is written ---- */

static int digits(double number)
{
        return number == floor(number) && number < 1e15 ? 0
               : number >= 100                          ? 1
               : number >= 10                           ? 2
                                                        : 3;
}

static void cell(bool known, double number)
{
        if (known)
                printf(" %9.*f", digits(number), number);
        else
                printf(" %9s", "-");
}

static void row_print(const struct row *row)
{
        struct summary value = row_summary(row), ours = figure_summary(row->ours),
                       theirs = figure_summary(row->theirs);
        printf("%-28s", row->name);
        cell(value.count, value.median);
        cell(value.count, value.least);
        cell(value.count, value.most);
        printf(" %5s", row->better == LESS ? "<=" : ">=");
        cell(!isnan(row->goal), row->goal);
        cell(!isnan(row->floor), row->floor);
        cell(row->before != 0, row->before);
        printf("  %-11s", verdict(row, &value));
        printf(" %14.*f", digits(ours.median), ours.median);
        printf(" %14.*f", digits(theirs.median), theirs.median);
        printf("  %s\n", row->text);
}

static bool table_print(char *const *names)
{
        bool complete = true;
        printf("%-28s %9s %9s %9s %5s %9s %9s %9s  %-11s %14s %14s\n", "name", "median", "least",
               "most", "", "goal", "floor", "before", "", "ours", "theirs");
        for (unsigned i = 0; i < ROWS; i++) {
                if (!is_wanted(&rows[i], names))
                        continue;
                row_print(&rows[i]);
                if (row_summary(&rows[i]).count)
                        continue;
                fprintf(stderr, "net_report: %s: could not be measured\n", rows[i].name);
                complete = false;
        }
        return complete;
}

static void json_number(FILE *file, const char *key, bool known, double number)
{
        if (known)
                fprintf(file, "\"%s\": %.*f, ", key, digits(number), number);
        else
                fprintf(file, "\"%s\": null, ", key);
}

static void json_row(FILE *file, const struct row *row)
{
        struct summary value = row_summary(row), ours = figure_summary(row->ours),
                       theirs = figure_summary(row->theirs);
        fprintf(file, "  {\"name\": \"%s\", \"unit\": \"%s\", ", row->name,
                is_alone(row) ? "number" : "ratio");
        json_number(file, "value", value.count, value.median);
        json_number(file, "least", value.count, value.least);
        json_number(file, "most", value.count, value.most);
        json_number(file, "ours", ours.count, ours.median);
        json_number(file, "theirs", theirs.count, theirs.median);
        json_number(file, "goal", !isnan(row->goal), row->goal);
        json_number(file, "floor", !isnan(row->floor), row->floor);
        json_number(file, "before", row->before != 0, row->before);
        fprintf(file, "\"better\": \"%s\", \"met\": %s}", row->better == LESS ? "less" : "more",
                !value.count || isnan(row->goal)        ? "null"
                : reaches(row, value.median, row->goal) ? "true"
                                                        : "false");
}

static bool json_write(const char *path)
{
        FILE *file = fopen(path, "we");
        if (!file)
                return false;
        fputs("[\n", file);
        for (unsigned i = 0; i < ROWS; i++) {
                json_row(file, &rows[i]);
                fputs(i + 1 < ROWS ? ",\n" : "\n", file);
        }
        fputs("]\n", file);
        return fclose(file) == 0;
}

int main(int argc, char **argv)
{
        if (argc < 2) {
                fprintf(stderr, "usage: net_report JSON [FIGURE...] < figures\n");
                return 2;
        }
        if (!figures_read(stdin))
                return 2;
        bool complete = table_print(argv + 2);
        if (!json_write(argv[1])) {
                perror(argv[1]);
                return 2;
        }
        return !complete;
}
