/* What the test files of the shell share. */
#ifndef TEST_SHELL_H
#define TEST_SHELL_H

#include <check.h>
#include <stdio.h>
#include <string.h>

Suite *words_suite(void);
Suite *editor_suite(void);
Suite *search_suite(void);
Suite *width_suite(void);
Suite *asks_suite(void);
Suite *keyboard_suite(void);
Suite *completion_suite(void);
Suite *environment_suite(void);
Suite *signals_suite(void);
Suite *folder_suite(void);

#endif
