/*
 * A peer that keeps to no rule: writes an entry by a home's own device straight into the store of that home, whose
 * daemon is stopped. It is signed and well formed, and one that coplan itself would refuse to write.
 *
 *   forge HOME TARGET MEASURE VALUE [WHY]   a view
 *   forge HOME PERSON name VALUE            what somebody is called
 *   forge HOME PLAN FIELD VALUE             what the plan says in a field of words
 *   forge HOME ENTRY                        the words of somebody's entry once more, as a statement that another signed
 *   forge HOME ANSWER WHY                   somebody's answer with another reason, and the signature of the true one
 *
 * Prints the entry's id.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/keeper.h"
#include "daemon/memory.h"
#include "daemon/store.h"
#include "proto/answer.h"

static enum cp_err sign(void *ctx, const uint8_t device[CP_KEY_LEN], const uint8_t plan[CP_ID_LEN],
                        struct cp_bytes header, uint8_t id[CP_ID_LEN], uint8_t sig[CP_SIG_LEN])
{
    return cp_keeper_sign_entry(ctx, device, plan, header, id, sig);
}

static void must(enum cp_err err, const char *what)
{
    if (err == CP_OK)
        return;
    (void)fprintf(stderr, "forge: %s: %s\n", what, cp_err_word(err));
    exit(3);
}

static void append(struct cp_store *s, struct cp_keeper *k, const uint8_t *plan, enum cp_class class, struct cp_bytes frame,
                   struct cp_bytes words)
{
    struct cp_signer signer = {sign, k};
    uint8_t id[CP_ID_LEN];
    char hex[2 * CP_ID_LEN + 1] = "";
    must(cp_store_begin(s), "begin");
    must(cp_store_append(s, &signer, plan, cp_keeper_person(k, 0)->device_key, class, frame, words, 1800000000000U, id), "append");
    must(cp_store_commit(s), "commit");
    cp_hex_encode(id, CP_ID_LEN, hex);
    (void)puts(hex);
}

static void write_again(struct cp_store *s, struct cp_keeper *k, const uint8_t *plan, const uint8_t *entry)
{
    struct cp_loaded l;
    must(cp_store_entry(s, plan, entry, &l), "entry");
    append(s, k, plan, l.info[0].class, l.info[0].frame, l.info[0].words);
    cp_loaded_clear(&l);
}

static void write_value(struct cp_store *s, struct cp_keeper *k, const uint8_t *plan, const uint8_t *target, char **argv)
{
    static struct cp_draft d;
    struct cp_buf frame, words;
    struct cp_bytes none = CP_BYTES(NULL, 0);
    uint8_t salt[CP_SALT_LEN] = {1};
    bool of_plan = memcmp(target, plan, CP_ID_LEN) == 0, name = strcmp(argv[3], "name") == 0, view = !of_plan && !name;
    const struct cp_field *f = of_plan ? cp_field_by_name(cp_bytes_str(argv[3]), CP_RECORD_PLAN) : NULL;
    must(of_plan && f == NULL ? CP_ERR_BAD_FIELD : CP_OK, "field");
    cp_draft_init(&d, cp_memory(), view ? CP_KIND_VIEW : name ? CP_KIND_PERSON : CP_KIND_PLAN,
                  view ? cp_measure_of_word(cp_bytes_str(argv[3])) : 0, of_plan ? NULL : target);
    cp_draft_text(&d, view ? CP_FIELD_VALUE : name ? CP_FIELD_NAME : f->code, none, cp_bytes_str(argv[4]));
    if (argv[5] != NULL)
        cp_draft_text(&d, CP_FIELD_WHY, none, cp_bytes_str(argv[5]));
    cp_buf_init(&frame, cp_memory(), CP_ENTRY_MAX);
    cp_buf_init(&words, cp_memory(), CP_ENTRY_MAX);
    must(cp_draft_write(&d, salt, &frame, &words), "write");
    append(s, k, plan, CP_CONTENT, cp_buf_bytes(&frame), cp_buf_bytes(&words));
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
    cp_draft_clear(&d);
}

static void write_answer(struct cp_store *s, struct cp_keeper *k, const uint8_t *plan, const uint8_t *entry, const char *why)
{
    static struct cp_draft d;
    struct cp_loaded l;
    struct cp_answer_read read;
    struct cp_value values[2];
    struct cp_buf text, frame, words;
    uint8_t salt[CP_SALT_LEN] = {2};
    size_t count = 0;
    must(cp_store_entry(s, plan, entry, &l), "entry");
    must(cp_words_values(l.info[0].words, values, 2, &count), "words");
    must(count == 2 ? cp_answer_read(&read, cp_memory(), values[0].bytes) : CP_ERR_BAD_VALUE, "answer");
    read.a.why = cp_bytes_str(why);
    cp_buf_init(&text, cp_memory(), CP_ANSWER_TEXT_MAX);
    cp_buf_init(&frame, cp_memory(), CP_ENTRY_MAX);
    cp_buf_init(&words, cp_memory(), CP_ENTRY_MAX);
    cp_answer_write(&read.a, &text);
    cp_draft_init(&d, cp_memory(), CP_KIND_ANSWER, 0, read.a.version);
    cp_draft_value(&d, cp_buf_bytes(&text), true);
    cp_draft_value(&d, values[1].bytes, false);
    must(cp_draft_write(&d, salt, &frame, &words), "write");
    append(s, k, plan, CP_CONTENT, cp_buf_bytes(&frame), cp_buf_bytes(&words));
    cp_buf_clear(&text);
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
    cp_draft_clear(&d);
    cp_answer_clear(&read);
    cp_loaded_clear(&l);
}

int main(int argc, char **argv)
{
    char path[4096];
    struct cp_keeper *k = NULL;
    struct cp_store *s = NULL;
    struct cp_store_options options = {.mem = cp_memory()};
    struct cp_plan_row *plans = NULL;
    size_t count = 0;
    uint8_t target[CP_ID_LEN];
    if (argc < 3 || argc > 6 || sodium_init() < 0 ||
        !cp_hex_decode(cp_bytes_str(argv[2]), target, sizeof target)) {
        (void)fputs("forge HOME TARGET MEASURE VALUE [WHY] | forge HOME PERSON name VALUE | forge HOME PLAN FIELD VALUE | forge HOME ENTRY | forge HOME ANSWER WHY\n", stderr);
        return 2;
    }
    (void)snprintf(path, sizeof path, "%s/keys", argv[1]);
    must(cp_keeper_open(&k, path), "keys");
    must(cp_keeper_unlock_plain(k), "unlock");
    (void)snprintf(path, sizeof path, "%s/plan.db", argv[1]);
    must(cp_store_open(&s, path, &options), "store");
    must(cp_store_unlock(s, cp_keeper_storage_key(k)), "unlock");
    must(cp_store_plans(s, &plans, &count), "plans");
    must(count == 1 ? CP_OK : CP_ERR_NO_PLAN, "one plan");
    if (argc == 3)
        write_again(s, k, plans[0].id, target);
    else if (argc == 4)
        write_answer(s, k, plans[0].id, target, argv[3]);
    else
        write_value(s, k, plans[0].id, target, argv);
    cp_free(cp_memory(), plans);
    cp_store_close(s);
    cp_keeper_lock(k);
    cp_keeper_free(k);
    return 0;
}
