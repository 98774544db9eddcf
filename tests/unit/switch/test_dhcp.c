/* DHCP messages byte by byte. */
#include "tests/unit/switch/cases.h"

#include <stdlib.h>
#include <string.h>
#include "servers/common/byte_order.h"

#include "tools/switch/dhcp.h"

enum { OPTIONS_AT = 240 };

/* A message with the given options, as a client sends it. */
static size_t message_make(uint8_t *payload, const uint8_t *options, size_t length)
{
        memset(payload, 0, OPTIONS_AT);
        payload[0] = 1;
        payload[1] = 1;
        payload[2] = 6;
        put32(payload + 4, 0x12345678);
        payload[28] = 0x52;
        payload[33] = 9;
        put32(payload + 236, 0x63825363);
        memcpy(payload + OPTIONS_AT, options, length);
        return OPTIONS_AT + length;
}

START_TEST(a_request_is_read)
{
        uint8_t payload[512];
        const uint8_t options[] = {53, 1, 3, 0, 0, 50, 4, 10, 77, 0, 11, 54, 4, 10, 77, 0, 1, 255};
        struct dhcp_request request;
        size_t length = message_make(payload, options, sizeof options);
        ck_assert(dhcp_parse(payload, length, &request));
        ck_assert_int_eq(request.type, DHCP_REQUEST);
        ck_assert_uint_eq(request.transaction, 0x12345678);
        ck_assert_uint_eq(request.wanted, 0x0a4d000b);
        ck_assert_uint_eq(request.server, 0x0a4d0001);
        ck_assert_uint_eq(request.client.bytes[5], 9);
        ck_assert(!dhcp_wants_broadcast(&request));
        payload[10] = 0x80;
        ck_assert(dhcp_parse(payload, length, &request) && dhcp_wants_broadcast(&request));
}
END_TEST

/* Copies to exact memory, so that the sanitizer sees a read behind the end. */
static bool parses(const uint8_t *payload, size_t length)
{
        struct dhcp_request request;
        uint8_t *copy = malloc(length ? length : 1);
        memcpy(copy, payload, length);
        bool result = dhcp_parse(copy, length, &request);
        free(copy);
        return result;
}

START_TEST(every_cut_message_is_refused)
{
        uint8_t payload[512];
        const uint8_t options[] = {50, 4, 10, 77, 0, 11, 54, 4, 10, 77, 0, 1, 53, 1, 3};
        size_t length = message_make(payload, options, sizeof options);
        ck_assert(parses(payload, length));
        for (size_t cut = 0; cut < length; cut++)
                ck_assert_msg(!parses(payload, cut), "taken at %zu bytes", cut);
}
END_TEST

START_TEST(malformed_options_are_refused)
{
        static const uint8_t wrong[][8] = {
            {255},                  /* no type */
            {53, 1, 0, 255},        /* type 0 */
            {53, 1, 9, 255},        /* no such type */
            {53, 2, 1, 1, 255},     /* type too long */
            {53, 1, 1, 50, 3, 0},   /* address too short */
            {53, 1, 1, 50, 200, 0}, /* beyond the end */
            {53, 0, 255},           /* empty */
        };
        uint8_t payload[512];
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
                ck_assert_msg(!parses(payload, message_make(payload, wrong[i], 8)), "case %zu", i);
}
END_TEST

START_TEST(other_messages_are_refused)
{
        static const struct {
                size_t at;
                uint8_t value;
        } changes[] = {{0, 2}, {1, 6}, {2, 16}, {236, 0}};
        const uint8_t options[] = {53, 1, 1, 255};
        uint8_t payload[512];
        for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
                size_t length = message_make(payload, options, sizeof options);
                ck_assert(parses(payload, length));
                payload[changes[i].at] = changes[i].value;
                ck_assert(!parses(payload, length));
        }
}
END_TEST

/* Finds an option of an answer. */
static const uint8_t *option_find(const uint8_t *payload, size_t length, uint8_t code)
{
        const uint8_t *at = payload + OPTIONS_AT;
        while (at < payload + length && *at != 255) {
                if (*at == code)
                        return at + 1;
                at += *at ? 2 + at[1] : 1;
        }
        return NULL;
}

START_TEST(an_offer_says_all_that_pxe_needs)
{
        uint8_t payload[DHCP_REPLY_MAX];
        const struct dhcp_request request = {.transaction = 7, .client = {{2, 0, 0, 0, 0, 9}}};
        const struct dhcp_reply reply = {DHCP_OFFER, 0x0a4d000b, 0x0a4d0001, 0xffffff00,
                                         "boot.ipxe"};
        size_t length = dhcp_build(payload, &request, &reply);
        ck_assert_uint_ge(length, 300);
        ck_assert_uint_eq(payload[0], 2);
        ck_assert_uint_eq(get32(payload + 4), 7);
        ck_assert_uint_eq(get32(payload + 16), 0x0a4d000b);
        ck_assert_uint_eq(get32(payload + 20), 0x0a4d0001);
        ck_assert_uint_eq(payload[33], 9);
        ck_assert_str_eq((char *)payload + 108, "boot.ipxe");
        ck_assert_uint_eq(option_find(payload, length, 53)[1], DHCP_OFFER);
        ck_assert_uint_eq(get32(option_find(payload, length, 54) + 1), 0x0a4d0001);
        ck_assert_uint_eq(get32(option_find(payload, length, 1) + 1), 0xffffff00);
        ck_assert_uint_eq(get32(option_find(payload, length, 3) + 1), 0x0a4d0001);
        ck_assert_ptr_nonnull(option_find(payload, length, 51));
        ck_assert_int_eq(memcmp(option_find(payload, length, 67),
                                "\x09"
                                "boot.ipxe",
                                10),
                         0);
        ck_assert_int_eq(memcmp(option_find(payload, length, 175), "\3\xb0\1\1", 4), 0);
}
END_TEST

START_TEST(the_longest_boot_file_fits)
{
        uint8_t payload[DHCP_REPLY_MAX];
        char bootfile[DHCP_BOOTFILE_MAX] = "";
        memset(bootfile, 'x', sizeof bootfile - 1);
        const struct dhcp_request request = {0};
        const struct dhcp_reply reply = {DHCP_ACK, 1, 2, 3, bootfile};
        size_t length = dhcp_build(payload, &request, &reply);
        ck_assert_uint_le(length, DHCP_REPLY_MAX);
        ck_assert_uint_eq(payload[108 + DHCP_BOOTFILE_MAX - 1], 0);
}
END_TEST

TCase *dhcp_case(void)
{
        TCase *tcase = tcase_create("dhcp");
        tcase_add_test(tcase, a_request_is_read);
        tcase_add_test(tcase, every_cut_message_is_refused);
        tcase_add_test(tcase, malformed_options_are_refused);
        tcase_add_test(tcase, other_messages_are_refused);
        tcase_add_test(tcase, an_offer_says_all_that_pxe_needs);
        tcase_add_test(tcase, the_longest_boot_file_fits);
        return tcase;
}
