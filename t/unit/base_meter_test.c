/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Counters and histograms. */
#include "unit.h"

#include "base/meter.h"

static void words_are_counted_apart(void **state)
{
    cp_meter_t meter = {0};

    cp_meter_count(&meter, CP_METER_CAPTCHAS, "refused");
    cp_meter_count(&meter, CP_METER_CAPTCHAS, "refused");
    cp_meter_count(&meter, CP_METER_CAPTCHAS, "passed");
    assert_int_equal(meter.counts[CP_METER_CAPTCHAS][0], 1);
    assert_int_equal(meter.counts[CP_METER_CAPTCHAS][1], 2);
    assert_int_equal(meter.counts[CP_METER_CAPTCHAS][2], 0);
}

static void an_unknown_word_is_the_last(void **state)
{
    cp_meter_t meter = {0};
    int family;

    for (family = 0; family < CP_METER_FAMILIES; family++) {
        int last = 0;

        while (cp_meter_families[family].words[last + 1] != NULL) {
            last++;
        }
        assert_true(last + 1 < CP_METER_WORDS_MAX);
        assert_string_equal(cp_meter_families[family].words[last], "other");
        cp_meter_count(&meter, family, "no such word");
        assert_int_equal(meter.counts[family][last], 1);
    }
}

/* A bound is the longest of its bucket. */
static void times_fall_into_buckets(void **state)
{
    cp_meter_t meter = {0};
    cp_histogram_t *times = &meter.times[CP_METER_HASH_TIME];
    apr_interval_time_t last = cp_meter_bounds[CP_METER_BOUNDS - 1];

    cp_meter_time(&meter, CP_METER_HASH_TIME, cp_meter_bounds[3]);
    cp_meter_time(&meter, CP_METER_HASH_TIME, cp_meter_bounds[3] + 1);
    cp_meter_time(&meter, CP_METER_HASH_TIME, last + 1);
    cp_meter_time(&meter, CP_METER_HASH_TIME, -7);
    assert_int_equal(times->buckets[3], 1);
    assert_int_equal(times->buckets[4], 1);
    assert_int_equal(times->buckets[CP_METER_BOUNDS], 1);
    assert_int_equal(times->buckets[0], 1);
    assert_int_equal(times->sum, 2 * cp_meter_bounds[3] + last + 2);
}

static void bounds_rise(void **state)
{
    int i;

    for (i = 1; i < CP_METER_BOUNDS; i++) {
        assert_true(cp_meter_bounds[i - 1] < cp_meter_bounds[i]);
    }
}

/* A status that is none, and a route too many, touch nothing. */
static void requests_are_counted_by_class(void **state)
{
    static const cp_meter_t nothing = {0};
    cp_meter_t meter = {0};

    cp_meter_request(&meter, 0, 99);
    cp_meter_request(&meter, 0, 600);
    cp_meter_request(&meter, -1, 200);
    cp_meter_request(&meter, CP_METER_ROUTES, 200);
    assert_memory_equal(&meter, &nothing, sizeof(meter));
    cp_meter_request(&meter, 7, 304);
    assert_int_equal(meter.requests[7][2], 1);
}

static void without_a_meter_nothing_happens(void **state)
{
    cp_meter_count(NULL, CP_METER_SIGNINS, "done");
    cp_meter_time(NULL, CP_METER_HASH_TIME, 1);
    cp_meter_request(NULL, 0, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_counted_apart),
        cmocka_unit_test(an_unknown_word_is_the_last),
        cmocka_unit_test(times_fall_into_buckets),
        cmocka_unit_test(bounds_rise),
        cmocka_unit_test(requests_are_counted_by_class),
        cmocka_unit_test(without_a_meter_nothing_happens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
