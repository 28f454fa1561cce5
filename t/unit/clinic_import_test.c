/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Imports into a real database: all or nothing, again and again. */
#include "clinic_import.h"

#include "base/ident.h"

#define VISIT(start, end, location, participants)                              \
    ", \"appointments\": [{\"id\": \"1\", \"status\": \"booked\", \"start\": " \
    "\"" start "\", \"end\": \"" end "\", \"description\": \"Visit\", "        \
    "\"location\": \"" location "\", \"participant\": [" participants "]}]"
#define ANN "{\"practitioner\": \"1\"}"
#define BOB "{\"practitioner\": \"2\"}"
#define CYD "{\"patient\": \"1\"}"

#define MESSAGE(id, sent, sender)                                              \
    "{\"id\": \"" id "\", \"sent\": \"" sent "\", \"sender\": " sender         \
    ", \"payload\": \"Text\"}"
#define TALK(participants, messages)                                           \
    ", \"threads\": [{\"id\": \"1\", \"topic\": \"Talk\", \"participant\": "   \
    "[" participants "], \"messages\": [" messages "]}]"

static char *read_demo(apr_pool_t *p)
{
    const char *path = database_source_path("conf/demo/demo.json", p);
    apr_finfo_t info;
    apr_file_t *file;
    char *text;

    assert_int_equal(apr_file_open(&file, path, APR_FOPEN_READ, 0, p),
                     APR_SUCCESS);
    assert_int_equal(apr_file_info_get(&info, APR_FINFO_SIZE, file),
                     APR_SUCCESS);
    text = apr_pcalloc(p, (apr_size_t)info.size + 1);
    assert_int_equal(
        apr_file_read_full(file, text, (apr_size_t)info.size, NULL),
        APR_SUCCESS);
    return text;
}

static void the_demo_loads_twice_and_is_there_once(void **state)
{
    import_test_t *test = *state;
    apr_pool_t *p = test->clinic->cx.pool;
    const char *text = read_demo(p);
    const json_t *first;

    test->source = database_source_path("conf/demo", p);
    import_good(test, text);
    first = look(test->clinic, "test_import_counts", json_object());
    assert_int_equal(import_changed(test, "staff"), 5);
    assert_int_equal(import_changed(test, "documents"), 10);
    assert_int_equal(count_files(test->documents, p), 10);
    import_good(test, text);
    assert_string_equal(
        cp_json_text(look(test->clinic, "test_import_counts", json_object()),
                     p),
        cp_json_text(first, p));
    assert_int_equal(import_changed(test, "staff"), 0);
    assert_int_equal(import_changed(test, "appointments"), 0);
    assert_int_equal(import_changed(test, "threads"), 0);
    assert_int_equal(count_files(test->documents, p), 10);
}

static void ids_are_public_and_differ_between_clinics(void **state)
{
    static const char text[] =
        "{\"clinics\": ["
        "{\"code\": \"A1\", \"name\": \"A\", \"time_zone\": \"UTC\", "
        "\"patients\": [{\"id\": \"1\", \"name\": \"X\"}], "
        "\"appointments\": [{\"id\": \"1\", \"status\": \"booked\", "
        "\"start\": \"today 09:00\", \"end\": \"today 10:00\", "
        "\"description\": \"V\", \"participant\": [{\"patient\": \"1\"}]}]}, "
        "{\"code\": \"A2\", \"name\": \"A\", \"time_zone\": \"UTC\", "
        "\"patients\": [{\"id\": \"1\", \"name\": \"X\"}], "
        "\"appointments\": [{\"id\": \"1\", \"status\": \"booked\", "
        "\"start\": \"today 09:00\", \"end\": \"today 10:00\", "
        "\"description\": \"V\", \"participant\": [{\"patient\": "
        "\"1\"}]}]}]}";
    import_test_t *test = *state;
    const char *ids[2];
    int i;

    import_good(test, text);
    for (i = 0; i < 2; i++) {
        ids[i] = cp_json_string(
            look(test->clinic, "test_import_appointment",
                 json_pack("{s:s, s:s}", "clinic_id", i == 0 ? "a1" : "a2",
                           "description", "V")),
            "id", "");
        assert_true(cp_ident_is_public_id(ids[i]));
    }
    assert_string_not_equal(ids[0], ids[1]);
}

static void what_has_moved_is_updated(void **state)
{
    import_test_t *test = *state;
    const json_t *before;
    const json_t *after;

    import_good(test, ACME(VISIT("today 09:00", "today 10:00", "Room 1",
                                 ANN ", " CYD)));
    before = acme(test, "test_import_appointment", "description", "Visit");
    import_good(test, ACME(VISIT("today 11:00", "today 12:00", "Room 2",
                                 BOB ", " CYD)));
    after = acme(test, "test_import_appointment", "description", "Visit");
    assert_int_equal(import_changed(test, "appointments"), 1);
    assert_string_equal(cp_json_string(before, "id", "-"),
                        cp_json_string(after, "id", "+"));
    assert_member(after, "location", "Room 2");
    assert_int_equal(cp_json_integer(after, "starts_at", 0) -
                         cp_json_integer(before, "starts_at", 0),
                     2 * HOUR);
    assert_int_equal(
        cp_json_integer(look(test->clinic, "test_import_counts", json_object()),
                        "participant", 0),
        2);
}

static void those_concerned_see_a_change_and_nobody_else(void **state)
{
    import_test_t *test = *state;
    int ann;
    int bob;
    int cyd;

    import_good(test, ACME(ACCOUNTS VISIT("today 09:00", "today 10:00",
                                          "Room 1", ANN ", " CYD)));
    ann = version_of(test, "ann");
    bob = version_of(test, "bob");
    cyd = version_of(test, "cyd");
    assert_true(ann > 0 && cyd > 0);
    import_good(test, ACME(ACCOUNTS VISIT("today 09:00", "today 10:00",
                                          "Room 1", ANN ", " CYD)));
    assert_int_equal(version_of(test, "ann"), ann);
    /* Ann leaves, Cyd stays: both see it. */
    import_good(test, ACME(ACCOUNTS VISIT("today 09:00", "today 10:00",
                                          "Room 2", CYD)));
    assert_int_equal(version_of(test, "ann"), ann + 1);
    assert_int_equal(version_of(test, "cyd"), cyd + 1);
    assert_int_equal(version_of(test, "bob"), bob);
}

static void nothing_is_loaded_when_one_thing_is_wrong(void **state)
{
    import_test_t *test = *state;

    import_bad(test, ACME(VISIT("today 09:00", "today 08:00", "Room 1", CYD)),
               "clinics[0].appointments[0].end: must be after start");
    assert_null(look(test->clinic, "clinics_find",
                     json_pack("{s:s}", "clinic_id", "acme")));
    assert_int_equal(count_rows(test->clinic, "audit"), 0);
}

static void people_of_an_earlier_import_need_not_come_again(void **state)
{
    static const char later[] =
        "{\"clinics\": [{\"code\": \"ACME\", \"name\": \"Acme\", "
        "\"time_zone\": \"UTC\"" VISIT("today 09:00", "today 10:00", "Room 1",
                                       ANN ", " CYD) "}]}";
    import_test_t *test = *state;

    import_bad(test, later,
               "clinics[0].appointments[0].participant[0].practitioner: this "
               "clinic has no practitioner \"1\"");
    import_good(test, ACME(""));
    import_good(test, later);
    test->clinic->cx.db = dead_database(test->clinic);
    assert_int_equal(import_text(test, later), CP_EUNAVAILABLE);
}

static const cp_account_name_t ann_name = {"acme", CP_KIND_STAFF, "ann"};

static json_t *ann(import_test_t *test)
{
    json_t *account = NULL;

    assert_int_equal(cp_accounts_find(&test->clinic->cx, &ann_name, &account),
                     APR_SUCCESS);
    return account;
}

#define ANN_WITH(members)                                                      \
    ACME(", \"staff\": [{\"username\": \"ann\", \"practitioner\": "            \
         "\"1\"" members "}]")

static void what_an_import_does_not_say_of_an_account_stays(void **state)
{
    static const cp_account_fields_t off = {.status = "disabled",
                                            .permissions = "schedule-all"};
    import_test_t *test = *state;
    int is_changed;

    import_good(test, ANN_WITH(", \"roles\": [\"clinical\"]"));
    assert_member(ann(test), "permissions", "staff-portal");
    assert_member(ann(test), "roles", "clinical");
    assert_int_equal(
        cp_accounts_set(&test->clinic->cx, ann(test), &off, &is_changed),
        APR_SUCCESS);
    import_good(test, ANN_WITH(""));
    assert_member(ann(test), "status", "disabled");
    assert_member(ann(test), "permissions", "schedule-all");
    assert_int_equal(import_changed(test, "staff"), 0);
    import_good(test,
                ANN_WITH(", \"status\": \"active\", \"permissions\": []"));
    assert_member(ann(test), "status", "active");
    assert_member(ann(test), "permissions", "");
}

static const char *hash_of(import_test_t *test)
{
    return cp_json_string(
        look(test->clinic, "test_find_password",
             json_pack("{s:s}", "account_id",
                       cp_json_string(ann(test), "account_id", ""))),
        "password_hash", "");
}

static void a_password_is_only_ever_the_first(void **state)
{
    import_test_t *test = *state;
    cp_ctx_t *cx = &test->clinic->cx;
    int unused;

    import_good(test, ANN_WITH(", \"password\": \"the first passphrase\""));
    assert_int_equal(cp_password_verify(cx->options->gate,
                                        "the first passphrase", hash_of(test),
                                        &unused, cx->pool),
                     APR_SUCCESS);
    assert_int_equal(cp_accounts_set_password(cx, ann(test), "$argon2id$own", 0),
                     APR_SUCCESS);
    import_good(test, ANN_WITH(", \"password\": \"the first passphrase\""));
    assert_string_equal(hash_of(test), "$argon2id$own");
    import_good(
        test, ANN_WITH(", \"password_hash\": \"$2y$04$7ykGlUeHovGlsI7VGgRzGemmU6"
                       "Lh5DTv9OpRW0XFAC9l2THGdEacW\""));
    assert_string_equal(hash_of(test), "$argon2id$own");
}

static int unread_of(import_test_t *test, const char *username)
{
    return (int)cp_json_integer(
        look(test->clinic, "test_import_mailbox",
             json_pack("{s:s, s:s, s:s}", "clinic_id", "acme", "topic", "Talk",
                       "username_key", username)),
        "unread", -1);
}

static void what_follows_ones_own_last_message_is_unread(void **state)
{
    static const char first[] = ACME(ACCOUNTS TALK(
        ANN ", " CYD,
        MESSAGE("2", "-2 hours", ANN) ", " MESSAGE(
            "1", "-3 hours", CYD) ", " MESSAGE("3", "-1 hour", CYD)));
    static const char more[] = ACME(ACCOUNTS TALK(
        ANN ", " CYD,
        MESSAGE("3", "-1 hour", CYD) ", " MESSAGE("4", "-5 minutes", CYD)));
    import_test_t *test = *state;

    import_good(test, first);
    assert_int_equal(unread_of(test, "ann"), 1);
    assert_int_equal(unread_of(test, "cyd"), 0);
    change(test->clinic, "test_import_read_all",
           json_pack("{s:s}", "clinic_id", "acme"));
    import_good(test, first);
    assert_int_equal(unread_of(test, "ann"), 0);
    import_good(test, more);
    assert_int_equal(unread_of(test, "ann"), 1);
}

static void unread_may_be_given_and_who_leaves_loses_the_thread(void **state)
{
    import_test_t *test = *state;

    import_good(test, ACME(ACCOUNTS TALK(
                          "{\"practitioner\": \"1\", \"unread\": 7}, " CYD,
                          MESSAGE("1", "-1 hour", CYD))));
    assert_int_equal(unread_of(test, "ann"), 7);
    import_good(
        test, ACME(ACCOUNTS TALK(BOB ", " CYD, MESSAGE("1", "-1 hour", CYD))));
    assert_int_equal(unread_of(test, "ann"), -1);
    assert_int_equal(unread_of(test, "bob"), 1);
}

static apr_time_t last_message_at(import_test_t *test)
{
    return cp_json_integer(
        look(test->clinic, "test_import_mailbox",
             json_pack("{s:s, s:s, s:s}", "clinic_id", "acme", "topic", "Talk",
                       "username_key", "ann")),
        "last_message_at", 0);
}

static void an_old_message_that_comes_again_is_not_the_last(void **state)
{
    static const char both[] = ACME(ACCOUNTS TALK(
        ANN ", " CYD,
        MESSAGE("1", "-3 hours", CYD) ", " MESSAGE("2", "-1 hour", CYD)));
    static const char old[] =
        ACME(ACCOUNTS TALK(ANN ", " CYD, MESSAGE("1", "-2 hours", CYD)));
    import_test_t *test = *state;

    import_good(test, both);
    import_good(test, old);
    assert_int_equal(last_message_at(test), test->clinic->fake->now - HOUR);
}

static void a_folder_goes_with_its_messages(void **state)
{
    static const char two[] = ACME(ACCOUNTS TALK(
        ANN ", " CYD,
        MESSAGE("1", "-3 hours", CYD) ", " MESSAGE("2", "-2 hours", CYD)));
    static const char third[] =
        ACME(ACCOUNTS TALK(ANN ", " CYD, MESSAGE("3", "-1 hour", CYD)));
    static const char moved[] =
        ACME(ACCOUNTS TALK(ANN ", " CYD, MESSAGE("3", "-5 minutes", CYD)));
    import_test_t *test = *state;
    apr_time_t now = test->clinic->fake->now;

    import_good(test, two);
    import_good(test, third);
    assert_int_equal(last_message_at(test), now - HOUR);
    assert_int_equal(unread_of(test, "ann"), 3);
    import_good(test, moved);
    assert_int_equal(last_message_at(test), now - apr_time_from_sec(300));
    assert_int_equal(unread_of(test, "ann"), 3);
}

static void a_dead_database_changes_nothing(void **state)
{
    import_test_t *test = *state;

    test->clinic->cx.db = dead_database(test->clinic);
    assert_int_equal(import_text(test, ACME("")), CP_EUNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IMPORT_TEST(the_demo_loads_twice_and_is_there_once),
        IMPORT_TEST(ids_are_public_and_differ_between_clinics),
        IMPORT_TEST(what_has_moved_is_updated),
        IMPORT_TEST(those_concerned_see_a_change_and_nobody_else),
        IMPORT_TEST(nothing_is_loaded_when_one_thing_is_wrong),
        IMPORT_TEST(people_of_an_earlier_import_need_not_come_again),
        IMPORT_TEST(what_an_import_does_not_say_of_an_account_stays),
        IMPORT_TEST(a_password_is_only_ever_the_first),
        IMPORT_TEST(what_follows_ones_own_last_message_is_unread),
        IMPORT_TEST(unread_may_be_given_and_who_leaves_loses_the_thread),
        IMPORT_TEST(an_old_message_that_comes_again_is_not_the_last),
        IMPORT_TEST(a_folder_goes_with_its_messages),
        IMPORT_TEST(a_dead_database_changes_nothing),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
