/* Answer texts, and what the answers to a version come to. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/agreement.h"
#include "tests/support/heap.h"

static struct test_agreement t;
static struct cp_buf text;

static void write_text(void)
{
    cp_buf_clear(&text);
    cp_buf_init(&text, test_mem(), CP_VERSION_TEXT_MAX);
    cp_answer_write(&t.answer, &text);
    cr_assert_eq(cp_buf_err(&text), CP_OK);
}

static void begin(void)
{
    test_agreement_init(&t);
    cp_buf_init(&text, test_mem(), CP_VERSION_TEXT_MAX);
    write_text();
}

static void end(void)
{
    cp_buf_clear(&text);
}

TestSuite(answer, .init = begin, .fini = end);
TestSuite(judge, .init = begin, .fini = end);

static enum cp_err read_of(struct cp_bytes bytes)
{
    struct cp_answer_read r;
    enum cp_err err = cp_answer_read(&r, test_mem(), bytes);
    cp_answer_clear(&r);
    return err;
}

static enum cp_err read_written(void)
{
    write_text();
    return read_of(cp_buf_bytes(&text));
}

static enum cp_err read_changed(const char *from, const char *to)
{
    struct cp_buf changed;
    cp_buf_init(&changed, test_mem(), CP_ANSWER_TEXT_MAX + 100);
    char *whole = cp_dup(test_mem(), cp_buf_bytes(&text));
    char *at = strstr(whole, from);
    cr_assert_not_null(at, "%s", from);
    cp_buf_put(&changed, whole, (size_t)(at - whole));
    cp_buf_put_str(&changed, to);
    cp_buf_put_str(&changed, at + strlen(from));
    enum cp_err err = read_of(cp_buf_bytes(&changed));
    cp_buf_clear(&changed);
    cp_free(test_mem(), whole);
    return err;
}

Test(answer, the_vector_and_the_id_of_the_docs)
{
    char file[4096], hex[2 * CP_ID_LEN + 1];
    uint8_t id[CP_ID_LEN];
    FILE *f = fopen("tests/vectors/answer.txt", "rb");
    cr_assert_not_null(f);
    size_t len = fread(file, 1, sizeof file, f);
    fclose(f);
    cr_assert(cp_bytes_eq(CP_BYTES((const uint8_t *)file, len), cp_buf_bytes(&text)), "%.*s", (int)text.len,
              (const char *)text.ptr);
    cp_answer_id(cp_buf_bytes(&text), id);
    cp_hex_encode(id, CP_ID_LEN, hex);
    cr_assert_str_eq(hex, "95ac729ad964447592f1dffae0200a32d227a940fff110de28e2a4e24c60ded4");
}

Test(answer, is_read_as_it_was_meant)
{
    struct cp_answer_read r;
    cr_assert_eq(cp_answer_read(&r, test_mem(), cp_buf_bytes(&text)), CP_OK);
    cr_assert_arr_eq(r.a.version, t.answer.version, CP_ID_LEN);
    cr_assert_arr_eq(r.a.person, t.must[0].person, CP_ID_LEN);
    cr_assert_arr_eq(r.a.key, t.must[0].key, CP_KEY_LEN);
    cr_assert_eq(r.a.word, CP_ANSWER_WORRY);
    cr_assert(cp_bytes_eq(r.a.why, t.answer.why));
    cr_assert(cp_bytes_eq(r.a.would_agree_if, t.answer.would_agree_if));
    cr_assert_eq(r.a.actions_count, 1);
    cr_assert_eq(r.a.actions[0].will, CP_WILL);
    cr_assert_eq(r.a.seen_count, 1);
    cr_assert_arr_eq(r.a.seen[0], t.seen[0], CP_ID_LEN);
    cr_assert_eq(r.a.replaces_count, 0);
    cr_assert(cp_bytes_eq(r.a.date, cp_bytes_str("2026-12-01")));
    cr_assert(cp_bytes_eq(r.a.software, cp_bytes_str("coplan 0.1.0")));
    cp_answer_clear(&r);
    cp_answer_clear(&r);
}

Test(answer, every_word)
{
    static const bool reason[] = {false, true, true, true, false};
    for (unsigned w = CP_ANSWER_AGREE; w <= CP_ANSWER_WITHDRAWN; w++)
        for (unsigned why = 0; why < 2; why++) {
            test_agreement_init(&t);
            t.answer.word = (enum cp_answer_word)w;
            t.answer.would_agree_if = CP_BYTES(NULL, 0);
            t.answer.actions_count = w == CP_ANSWER_WITHDRAWN ? 0 : 1;
            if (why == 0)
                t.answer.why = CP_BYTES(NULL, 0);
            cr_assert_eq(read_written(), reason[w] == (why == 1) ? CP_OK : CP_ERR_NOT_GOOD, "%u %u", w, why);
        }
    test_agreement_init(&t);
    t.answer.word = CP_ANSWER_WITHDRAWN;
    t.answer.why = t.answer.would_agree_if = CP_BYTES(NULL, 0);
    cr_assert_eq(read_written(), CP_ERR_NOT_GOOD, "who withdraws promises nothing");
}

Test(answer, every_cut_is_refused)
{
    for (size_t len = 0; len < text.len; len++)
        cr_assert_eq(read_of(CP_BYTES(text.ptr, len)), CP_ERR_NOT_GOOD, "at %zu", len);
}

Test(answer, every_flipped_bit_is_refused_or_is_what_it_says)
{
    for (size_t bit = 0; bit < text.len * 8; bit++) {
        struct cp_answer_read r;
        text.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
        enum cp_err err = cp_answer_read(&r, test_mem(), cp_buf_bytes(&text));
        if (err == CP_OK) {
            struct cp_buf again;
            cp_buf_init(&again, test_mem(), CP_ANSWER_TEXT_MAX);
            cp_answer_write(&r.a, &again);
            cr_assert(cp_bytes_eq(cp_buf_bytes(&again), cp_buf_bytes(&text)));
            cp_buf_clear(&again);
        } else {
            cr_assert_eq(err, CP_ERR_NOT_GOOD);
        }
        cp_answer_clear(&r);
        text.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

Test(answer, a_fault_of_memory_at_any_call)
{
    for (size_t left = 0;; left++) {
        struct test_heap heap;
        struct cp_answer_read r;
        test_heap_init(&heap, left);
        enum cp_err err = cp_answer_read(&r, &heap.mem, cp_buf_bytes(&text));
        cp_answer_clear(&r);
        if (err == CP_OK)
            break;
        cr_assert_eq(err, CP_ERR_NO_MEMORY, "call %zu", left);
    }
}

Test(answer, hostile_words_make_no_line)
{
    static const char *const hostile[] = {
        "*",
        "Mal,Asha",
        "../x",
        "x\nanswer agree",
        "x\r\nend",
        "\342\200\256ahsA",
        "\xe2\x80\xa9 end",
        "\x1b[2J",
        "will\nend",
        "\\n",
        "\xc2\x85",
        "\xef\xbb\xbf",
        " ",
    };
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        struct cp_answer_read r;
        struct cp_bytes words = cp_bytes_str(hostile[i]);
        size_t lines = 0;
        t.answer.name = t.answer.why = t.answer.would_agree_if = t.answer.method = t.answer.software = words;
        t.actions[0].will = CP_WILL_IF;
        t.actions[0].condition = words;
        write_text();
        for (size_t at = 0; at < text.len; at++)
            lines += text.ptr[at] == '\n' ? 1 : 0;
        cr_assert_eq(lines, 16, "%zu", i);
        cr_assert_eq(cp_answer_read(&r, test_mem(), cp_buf_bytes(&text)), CP_OK, "%zu", i);
        cr_assert(cp_bytes_eq(r.a.name, words) && cp_bytes_eq(r.a.why, words) &&
                  cp_bytes_eq(r.a.software, words));
        cr_assert(cp_bytes_eq(r.a.actions[0].condition, words));
        cr_assert_eq(r.a.word, CP_ANSWER_WORRY);
        cp_answer_clear(&r);
    }
}

Test(answer, no_second_way_to_say_it)
{
    static const char *const changes[][2] = {
        {"coplan answer 1", "coplan answer 2"},
        {"plan 1010", "plan 10 10"},
        {"person 2121", "person 212A"},
        {"name Asha", "name "},
        {"name Asha", "name Asha\nname Bill"},
        {"key ssh-ed25519 ", "key none "},
        {"answer agree, with a worry", "answer Agree, with a worry"},
        {"answer agree, with a worry", "answer agree"},
        {"answer agree, with a worry", "answer maybe"},
        {"why Nine", "because Nine"},
        {"why Nine", "why \\u{4e}ine"},
        {" will\n", " will \n"},
        {" will\n", " will if \n"},
        {" will\n", " perhaps\n"},
        {"action a1a1", "action a1a1 a1"},
        {"method own device", "method "},
        {"method own device", "method own device\nread as easy read"},
        {"method own device", "method own device\nread as easy-read,cy"},
        {"method own device", "method own device\nread as easy-read, "},
        {"method own device", "method own device\nread as easy-read, Not a tag"},
        {"method own device", "method own device\nread as aloud\nread as aloud"},
        {"method own device", "method own device\nread as aloud\nhelped by Bill"},
        {"method own device", "read as aloud\nmethod own device"},
        {"seen 55", "seen 5555555555555555555555555555555555555555555555555555555555555555\nseen 55"},
        {"seen 55", "seen 66"}, /* another entry: taken, and another id */
        {"meaning 1 en I", "meaning en I"},
        {"meaning 1 en I", "meaning 1 EN I"},
        {"meaning 1 en I", "meaning 01 en I"},
        {"says date 2026-12-01", "says date 2026-12-32"},
        {"says date 2026-12-01", "says date today"},
        {"software coplan", "Software coplan"},
        {"\nend\n", "\nend"},
        {"\nend\n", "\nend\nend\n"},
        {"\nend\n", "\nend\nx"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        bool other = strcmp(changes[i][1], "seen 66") == 0;
        cr_assert_eq(read_changed(changes[i][0], changes[i][1]), other ? CP_OK : CP_ERR_NOT_GOOD, "%s -> %s",
                     changes[i][0], changes[i][1]);
    }
}

Test(answer, how_the_page_was_read_is_part_of_what_is_signed)
{
    cr_assert_eq(read_changed("method own device", "method own device\nread as standard"), CP_OK);
    cr_assert_eq(read_changed("method own device", "method own device\nhelped by Bill\nread as easy-read"), CP_OK);
    cr_assert_eq(read_changed("method own device", "method own device\nread as aloud, cy"), CP_OK);
    static const struct {
        const char *said;
        bool good;
    } typed[] = {{"easy-read", true}, {"aloud:cy", true}, {"large:en-gb", true}, {"", false}, {"easy", false},
                 {"aloud:", false}, {"aloud:CY cy", false}, {"aloud, cy", false}, {"standardly", false}};
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        enum cp_read_as as;
        struct cp_bytes lang;
        cr_assert_eq(cp_read_as_parse(cp_bytes_str(typed[i].said), ":", &as, &lang), typed[i].good, "%s", typed[i].said);
    }
}

Test(answer, who_saw_the_key_is_part_of_what_is_signed)
{
#define TWOS "2222222222222222222222222222222222222222222222222222222222222222"
#define THREES "3333333333333333333333333333333333333333333333333333333333333333"
    static const struct {
        const char *lines;
        bool good;
    } said[] = {{"checked by " TWOS " 2026-11-22 Bill\n", true},
                {"checked by " TWOS " 2026-11-22 Bill\nchecked by " THREES " 2025-01-01 Mal, Asha\n", true},
                {"checked by " THREES " 2026-11-22 Bill\nchecked by " TWOS " 2026-11-22 Chen\n", false},
                {"checked by " TWOS " 2026-11-22 Bill\nchecked by " TWOS " 2026-11-22 Bill\n", false},
                {"checked by " TWOS " 2026-11-31 Bill\n", false},
                {"checked by " TWOS " 2026-11-22 \n", false},
                {"checked by " TWOS " 2026-11-22\n", false},
                {"checked by " TWOS " Bill\n", false},
                {"checked by " TWOS "\n", false},
                {"checked by 22 2026-11-22 Bill\n", false}};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        char to[600];
        (void)snprintf(to, sizeof to, "%sanswer agree", said[i].lines);
        cr_assert_eq(read_changed("answer agree", to), said[i].good ? CP_OK : CP_ERR_NOT_GOOD, "%s", said[i].lines);
    }
    struct cp_answer_check checks[CP_ANSWER_CHECKS_MAX + 1];
    for (unsigned i = 0; i <= CP_ANSWER_CHECKS_MAX; i++) {
        checks[i] = (struct cp_answer_check){.date = cp_bytes_str("2026-11-22"), .name = cp_bytes_str("Bill")};
        checks[i].by[31] = (uint8_t)i;
    }
    t.answer.checks = checks;
    t.answer.checks_count = CP_ANSWER_CHECKS_MAX;
    write_text();
    struct cp_answer_read r;
    cr_assert_eq(cp_answer_read(&r, test_mem(), cp_buf_bytes(&text)), CP_OK);
    cr_assert_eq(r.a.checks_count, CP_ANSWER_CHECKS_MAX);
    cr_assert_eq(r.a.checks[7].by[31], 7);
    cr_assert(cp_bytes_eq(r.a.checks[7].name, cp_bytes_str("Bill")));
    cp_answer_clear(&r);
    t.answer.checks_count++;
    cr_assert_eq(read_written(), CP_ERR_NOT_GOOD);
}

Test(answer, lists_are_sorted_and_bounded)
{
    uint8_t ids[CP_PARENTS_MAX + 1][CP_ID_LEN] = {{0}};
    struct cp_answer_action actions[2] = {{.will = CP_WILL_CANNOT}, {.will = CP_WILL}};
    void *all = ids;
    for (unsigned i = 0; i <= CP_PARENTS_MAX; i++)
        ids[i][31] = (uint8_t)i;
    t.answer.seen = t.answer.replaces = all;
    t.answer.seen_count = t.answer.replaces_count = CP_PARENTS_MAX;
    cr_assert_eq(read_written(), CP_OK);
    t.answer.replaces_count++;
    cr_assert_eq(read_written(), CP_ERR_NOT_GOOD);
    t.answer.replaces_count = 2;
    ids[0][0] = 1;
    cr_assert_eq(read_written(), CP_ERR_NOT_GOOD, "out of order");
    t.answer.seen_count = t.answer.replaces_count = 0;
    t.answer.actions = actions;
    t.answer.actions_count = 2;
    cr_assert_eq(read_written(), CP_ERR_NOT_GOOD, "two promises to one action");
    actions[1].action[0] = 1;
    cr_assert_eq(read_written(), CP_OK);
    static uint8_t big[CP_ANSWER_TEXT_MAX + 1];
    memset(big, 'x', sizeof big);
    cr_assert_eq(read_of(CP_BYTES(big, sizeof big)), CP_ERR_TOO_BIG);
    cr_assert_eq(read_of(CP_BYTES(big, sizeof big - 1)), CP_ERR_NOT_GOOD);
}

/* ---- Results ---- */

enum {
    ANSWERS_MAX = 4
};
static struct cp_answer answers[ANSWERS_MAX];
static struct cp_answer_action promises[ANSWERS_MAX];
static struct cp_answer_in in[ANSWERS_MAX];
static size_t answers_count;
static struct cp_answer_out outs[2];

/* An answer of must[who] with id byte `id`, who says `will` to the one action. */
static struct cp_answer *say(unsigned who, uint8_t id, enum cp_answer_word word, enum cp_will will)
{
    size_t at = answers_count++;
    struct cp_answer *a = &answers[at];
    *a = t.answer;
    memcpy(a->person, t.must[who].person, CP_ID_LEN);
    a->word = word;
    a->replaces_count = 0;
    promises[at] = (struct cp_answer_action){.will = will};
    memcpy(promises[at].action, t.items[0].id, CP_ID_LEN);
    a->actions = &promises[at];
    a->actions_count = 1;
    in[at].a = a;
    memset(in[at].id, id, CP_ID_LEN);
    return a;
}

/* Judges in this order and in the other, with everything once more behind: always the same. */
static enum cp_result judge(void)
{
    struct cp_answer_in turned[2 * ANSWERS_MAX];
    struct cp_answer_out again[2];
    enum cp_result result = cp_answer_judge(&t.version, in, answers_count, outs);
    for (size_t i = 0; i < answers_count; i++)
        turned[i] = turned[2 * answers_count - 1 - i] = in[answers_count - 1 - i];
    cr_assert_eq(cp_answer_judge(&t.version, turned, 2 * answers_count, again), result);
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(again[i].standing, outs[i].standing);
        cr_assert_eq(again[i].counts, outs[i].counts);
        cr_assert_eq(again[i].will_missing, outs[i].will_missing);
        if (outs[i].standing > 0)
            cr_assert_arr_eq(turned[again[i].first].id, in[outs[i].first].id, CP_ID_LEN);
    }
    return result;
}

Test(judge, each_result)
{
    cr_assert_eq(judge(), CP_RESULT_NOT_YET);
    cr_assert_eq(outs[0].standing, 0);
    (void)say(0, 1, CP_ANSWER_AGREE, CP_WILL);
    cr_assert_eq(judge(), CP_RESULT_NOT_YET);
    cr_assert(outs[0].counts);
    struct cp_answer *bill = say(1, 2, CP_ANSWER_AGREE, CP_WILL);
    cr_assert_eq(judge(), CP_RESULT_AGREED);
    bill->word = CP_ANSWER_WORRY;
    cr_assert_eq(judge(), CP_RESULT_WORRIES);
    bill->word = CP_ANSWER_ASIDE;
    cr_assert_eq(judge(), CP_RESULT_NOT_YET);
    bill->word = CP_ANSWER_WITHDRAWN;
    cr_assert_eq(judge(), CP_RESULT_NOT_YET);
    bill->word = CP_ANSWER_NO;
    cr_assert_eq(judge(), CP_RESULT_NOT_AGREED);
    cr_assert_not(outs[1].counts);
    cr_assert_str_eq(cp_result_word(CP_RESULT_WORRIES), "agreed, with worries");
}

Test(judge, an_answer_replaces_the_one_it_names)
{
    (void)say(0, 1, CP_ANSWER_AGREE, CP_WILL);
    (void)say(1, 2, CP_ANSWER_NO, CP_WILL);
    struct cp_answer *second = say(1, 3, CP_ANSWER_AGREE, CP_WILL);
    static uint8_t named[1][CP_ID_LEN];
    memset(named[0], 2, CP_ID_LEN);
    cr_assert_eq(judge(), CP_RESULT_NOT_YET, "two apart: asked");
    cr_assert_eq(outs[1].standing, 2);
    cr_assert_eq(outs[1].first, 1, "the lower id");
    cr_assert_not(outs[1].counts);
    void *replaces = named;
    second->replaces = replaces;
    second->replaces_count = 1;
    cr_assert_eq(judge(), CP_RESULT_AGREED);
    cr_assert_eq(outs[1].standing, 1);
    cr_assert_eq(outs[1].first, 2);
    memset(named[0], 1, CP_ID_LEN); /* names Asha's: nobody replaces another person's answer */
    cr_assert_eq(judge(), CP_RESULT_NOT_YET);
    cr_assert_eq(outs[0].standing, 1);
}

Test(judge, leads_and_helpers_must_say_will)
{
    (void)say(0, 1, CP_ANSWER_AGREE, CP_WILL);
    (void)say(1, 2, CP_ANSWER_AGREE, CP_WILL_IF);
    cr_assert_eq(judge(), CP_RESULT_NOT_YET);
    cr_assert(outs[1].will_missing);
    cr_assert(outs[1].will_if, "nothing is missing but what they wait for");
    promises[1].will = CP_WILL_CANNOT;
    cr_assert_eq(judge(), CP_RESULT_NOT_YET);
    promises[1].will = CP_WILL;
    promises[1].action[0] ^= 1; /* to something else */
    cr_assert_eq(judge(), CP_RESULT_NOT_YET);
    t.action_facts[4].value = cp_bytes_str(t.asha_hex); /* Bill helps nobody: nothing is asked of him */
    cr_assert_eq(judge(), CP_RESULT_AGREED);
    t.action_facts[3].value = cp_bytes_str(t.bill_hex);
    cr_assert_eq(judge(), CP_RESULT_NOT_YET);
    t.action_facts[5] = (struct cp_fact){.field = CP_FIELD_STATE, .value = cp_bytes_str("dropped")};
    cr_assert_eq(judge(), CP_RESULT_AGREED, "what was dropped asks nobody");
}

Test(judge, strangers_count_for_nothing)
{
    (void)say(0, 1, CP_ANSWER_AGREE, CP_WILL);
    (void)say(1, 2, CP_ANSWER_AGREE, CP_WILL);
    memset(say(0, 3, CP_ANSWER_NO, CP_WILL)->person, 0x99, CP_ID_LEN);
    cr_assert_eq(judge(), CP_RESULT_AGREED);
    t.version.stage = CP_STAGE_COMMENT;
    cr_assert_eq(judge(), CP_RESULT_NOT_YET, "a page for comment is not agreed");
    t.version.stage = CP_STAGE_AGREEMENT;
    t.version.must_answer_count = 0;
    cr_assert_eq(cp_answer_judge(&t.version, in, answers_count, outs), CP_RESULT_NOT_YET, "nobody asked");
}
