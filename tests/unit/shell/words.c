/* Command lines: words, quotes, comments, the background, and what is wrong. */
#include "tests/unit/shell/test_shell.h"

#include "servers/shell/words.h"

/* The words of a line, each in brackets, operators in braces, and `&` if it goes to the
 * background; or what is wrong. */
static const char *split(const char *line)
{
        static char out[512];
        static struct words words;
        const char *wrong = words_split(line, strlen(line), &words);
        if (wrong)
                return wrong;
        out[0] = 0;
        for (int i = 0; i < words.count; i++)
                sprintf(out + strlen(out), word_is_operator(&words, i) ? "{%s}" : "[%s]",
                        words.word[i]);
        ck_assert_ptr_null(words.word[words.count]);
        return strcat(out, words.background ? "&" : "");
}

START_TEST(lines_become_words)
{
        static const char *const cases[][2] = {
            {"", ""},
            {"   \t ", ""},
            {"ls", "[ls]"},
            {"  cat  /fs/a\t/fs/b ", "[cat][/fs/a][/fs/b]"},
            {"cat 'a b' \"c d\"", "[cat][a b][c d]"},
            {"cat a' 'b\" \"c", "[cat][a b c]"},
            {"cat a\\ b", "[cat][a b]"},
            {"cat ''", "[cat][]"},
            {"cat \"\\\"\\\\\\n\"", "[cat][\"\\\\n]"},
            {"cat '\\'", "[cat][\\]"},
            {"# all of it", ""},
            {"ls # rest", "[ls]"},
            {"ls a#b '#c'", "[ls][a#b][#c]"},
            {"ls\r", "[ls]"},
            {"sum /fs/GPL-3 &", "[sum][/fs/GPL-3]&"},
            {"sum x&", "[sum][x]&"},
            {"run sort < a > b", "[run][sort]{<}[a]{>}[b]"},
            {"run sort <a >>b 2>c", "[run][sort]{<}[a]{>>}[b]{2>}[c]"},
            {"a 2>>b 2> >c", "[a]{2>>}[b]{2>}{>}[c]"},
            {"a|b | c", "[a|b]{|}[c]"},
            {"a |b &", "[a]{|}[b]&"},
            {"a '<' \\> \"|\" x>y 2 >z", "[a][<][>][|][x>y][2]{>}[z]"},
            {">", "{>}"},
            {"sum x & # later", "[sum][x]&"},
            {"sum 'x&' \\&", "[sum][x&][&]"},
            {"cat /fs/übergröße 日本", "[cat][/fs/übergröße][日本]"},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
                ck_assert_str_eq(split(cases[i][0]), cases[i][1]);
}
END_TEST

START_TEST(what_is_wrong_is_said)
{
        static const char *const cases[][2] = {
            {"cat 'a", "a ' is not closed"},
            {"cat \"a", "a \" is not closed"},
            {"cat \"a\\\"", "a \" is not closed"},
            {"cat \\", "there is no character behind \\"},
            {"&", "there is no command before &"},
            {"a & b", "& must be the last word of the line; as text it is quoted"},
            {"a\nb", "a byte 0 is no part of a command; the line was not run"},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
                ck_assert_str_eq(split(cases[i][0]), cases[i][1]);
}
END_TEST

START_TEST(words_and_lines_are_bounded)
{
        static struct words words;
        static char line[SHELL_LINE_MAX + 1];
        for (size_t i = 0; i < sizeof line; i++)
                line[i] = i % 2 ? ' ' : 'x';
        ck_assert_str_eq(words_split(line, 2 * WORDS_MAX + 1, &words),
                         "a line has at most 64 words; this one was not run");
        ck_assert_ptr_null(words_split(line, 2 * WORDS_MAX, &words));
        ck_assert_int_eq(words.count, WORDS_MAX);
        memset(line, 'x', sizeof line);
        ck_assert_ptr_null(words_split(line, SHELL_LINE_MAX, &words));
        ck_assert_uint_eq(strlen(words.word[0]), SHELL_LINE_MAX);
        ck_assert_str_eq(words_split(line, sizeof line, &words), LINE_TOO_LONG);
}
END_TEST

START_TEST(a_copy_stands_on_its_own)
{
        static struct words words, copy;
        ck_assert_ptr_null(words_split("time cat x", 10, &words));
        words_copy(&copy, &words, 1);
        memset(&words, 0xff, sizeof words);
        ck_assert_int_eq(copy.count, 2);
        ck_assert_str_eq(copy.word[0], "cat");
        ck_assert_str_eq(copy.word[1], "x");
        ck_assert_ptr_null(copy.word[2]);
}
END_TEST

Suite *words_suite(void)
{
        Suite *suite = suite_create("shell/words");
        TCase *tcase = tcase_create("words");
        tcase_add_test(tcase, lines_become_words);
        tcase_add_test(tcase, what_is_wrong_is_said);
        tcase_add_test(tcase, words_and_lines_are_bounded);
        tcase_add_test(tcase, a_copy_stands_on_its_own);
        suite_add_tcase(suite, tcase);
        return suite;
}
