/* The notation of impairments: pairs of a key and a value, read into a copy that is handed out only
 * when all of it was right. */
#include "tools/switch/impairment.h"

#include <string.h>

#include "tools/switch/words.h"

struct unit {
        const char *name;
        uint64_t factor;
};

static const struct unit percent_units[] = {{"", PPM / 100}, {"%", PPM / 100}, {NULL, 0}};
static const struct unit time_units[] = {
    {"", 1000000}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}, {NULL, 0}};
static const struct unit rate_units[] = {{"", 1},           {"bit", 1},           {"kbit", 1000},
                                         {"mbit", 1000000}, {"gbit", 1000000000}, {NULL, 0}};

static const struct unit byte_units[] = {{"", 1}, {NULL, 0}};

enum key { LOSS, DUPLICATE, REORDER, CORRUPT, DELAY, JITTER, RATE, MTU, KEYS };

static const struct {
        const char *name;
        const struct unit *units;
        uint64_t least, most;
        const char *range;
} keys[KEYS] = {
    [LOSS] = {"loss", percent_units, 0, PPM, "0% to 100%"},
    [DUPLICATE] = {"dup", percent_units, 0, PPM, "0% to 100%"},
    [REORDER] = {"reorder", percent_units, 0, PPM, "0% to 100%"},
    [CORRUPT] = {"corrupt", percent_units, 0, PPM, "0% to 100%"},
    [DELAY] = {"delay", time_units, 0, DELAY_MAX_NS, "0ms to 10s"},
    [JITTER] = {"jitter", time_units, 0, DELAY_MAX_NS, "0ms to 10s"},
    [RATE] = {"rate", rate_units, RATE_MIN, RATE_MAX, "1kbit to 100gbit"},
    [MTU] = {"mtu", byte_units, MTU_MIN, MTU_MAX, "68 to 9000"},
};

enum { DIGITS_MAX = 11, DECIMALS_MAX = 4 };

/* Reads digits, and decimals after a point, times a unit's factor. False if it is no such number.
 */
static bool value_parse(const char *text, const struct unit *units, uint64_t *value)
{
        uint64_t number = 0;
        unsigned digits = 0, decimals = 0;
        for (; *text >= '0' && *text <= '9' && digits <= DIGITS_MAX; text++, digits++)
                number = number * 10 + (uint64_t)(*text - '0');
        if (digits == 0 || digits > DIGITS_MAX)
                return false;
        if (*text == '.') {
                for (text++; *text >= '0' && *text <= '9' && decimals <= DECIMALS_MAX; text++) {
                        number = number * 10 + (uint64_t)(*text - '0');
                        decimals++;
                }
                if (decimals == 0 || decimals > DECIMALS_MAX)
                        return false;
        }
        for (; units->name; units++) {
                if (strcmp(text, units->name) != 0)
                        continue;
                if (__builtin_mul_overflow(number, units->factor, &number))
                        return false;
                for (; decimals > 0; decimals--)
                        number /= 10;
                *value = number;
                return true;
        }
        return false;
}

static bool pair_parse(struct word_reader *words, uint64_t values[KEYS], bool given[KEYS],
                       struct problem *problem)
{
        char name[WORD_MAX], text[WORD_MAX];
        word_next(words, name);
        for (unsigned key = 0; key < KEYS; key++) {
                if (strcmp(name, keys[key].name) != 0)
                        continue;
                if (given[key])
                        return problem_set(problem, "%s is given twice; name it once", name);
                if (!word_next(words, text) || !value_parse(text, keys[key].units, &values[key]) ||
                    values[key] < keys[key].least || values[key] > keys[key].most)
                        return problem_set(problem, "%s needs a value from %s", name,
                                           keys[key].range);
                given[key] = true;
                return true;
        }
        return problem_set(problem,
                           "no impairment is called '%s'; use loss, delay, jitter, rate, dup, "
                           "reorder, corrupt or mtu",
                           name);
}

bool impairment_parse(const char *text, struct impairment *impairment, struct problem *problem)
{
        struct word_reader words = {text};
        uint64_t values[KEYS] = {0};
        bool given[KEYS] = {false};
        if (words_end(&words))
                return problem_set(problem, "no impairment is given; say for example 'loss 10%%'");
        while (!words_end(&words)) {
                if (!pair_parse(&words, values, given, problem))
                        return false;
        }
        if (values[JITTER] > values[DELAY])
                return problem_set(problem, "the jitter is larger than the delay; lower it");
        *impairment = (struct impairment){
            .loss = (uint32_t)values[LOSS],
            .duplicate = (uint32_t)values[DUPLICATE],
            .reorder = (uint32_t)values[REORDER],
            .corrupt = (uint32_t)values[CORRUPT],
            .delay = values[DELAY],
            .jitter = values[JITTER],
            .rate = values[RATE],
            .mtu = (uint32_t)values[MTU],
        };
        return true;
}

void impairment_format(const struct impairment *impairment, char text[IMPAIRMENT_TEXT])
{
        const struct {
                const char *name;
                uint64_t value;
                double unit;
                const char *suffix;
        } parts[] = {
            {"loss", impairment->loss, PPM / 100, "%"},
            {"delay", impairment->delay, 1e6, "ms"},
            {"jitter", impairment->jitter, 1e6, "ms"},
            {"rate", impairment->rate, 1e3, "kbit"},
            {"dup", impairment->duplicate, PPM / 100, "%"},
            {"reorder", impairment->reorder, PPM / 100, "%"},
            {"corrupt", impairment->corrupt, PPM / 100, "%"},
            {"mtu", impairment->mtu, 1, ""},
        };
        size_t used = 0;
        text[0] = 0;
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
                if (parts[i].value == 0)
                        continue;
                int n = snprintf(text + used, IMPAIRMENT_TEXT - used, "%s%s %.12g%s",
                                 used ? " " : "", parts[i].name,
                                 (double)parts[i].value / parts[i].unit, parts[i].suffix);
                used += (size_t)n;
        }
        if (used == 0)
                strcpy(text, "clear");
}
