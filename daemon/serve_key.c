/* A person's key, to be compared side by side (checked.h): key. Owns: this answer. Must not: note anything (`note`). */
#include <string.h>

#include "daemon/checked.h"
#include "daemon/control.h"
#include "daemon/serve_check.h"
#include "proto/version.h"

static void put_checks(const struct cp_desk *d, const struct cp_checks *checks, struct cp_buf *out)
{
    cp_api_key(out, "checked");
    cp_api_list(out, checks->count);
    for (size_t i = 0; i < checks->count; i++) {
        cp_api_object(out, 3);
        cp_put_id(out, "person", checks->list[i].by);
        cp_api_key(out, "name");
        cp_api_text(out, cp_desk_name(d, checks->list[i].by));
        cp_put_number(out, "claimed_at", (int64_t)checks->list[i].time_ms);
    }
}

/* own: the key that this device signs with, which is what others are to compare theirs with; NULL for anybody else.
 * worth: OK, or why there is nothing to compare: what others see is another key, or none. */
static enum cp_err put_key(const struct cp_desk *d, const struct cp_named *who, const uint8_t *own, enum cp_err worth,
                           struct cp_buf *out)
{
    struct cp_checks checks;
    char words[128] = "";
    const uint8_t *key = own != NULL ? own : who->key;
    bool none = sodium_is_zero(key, CP_KEY_LEN);
    enum cp_err err = cp_checks_load(&checks, d, who->person, key);
    if (err != CP_OK)
        return err;
    if (!none)
        cp_key_words(key, words);
    worth = none ? CP_ERR_KEY_APART : worth;
    cp_api_object(out, 6);
    cp_put_id(out, "person", who->person);
    cp_api_key(out, "name");
    cp_api_text(out, who->name);
    cp_api_key(out, "me");
    cp_api_bool(out, own != NULL);
    cp_api_key(out, "words");
    cp_api_cstr(out, words);
    cp_api_key(out, "not_now");
    if (worth == CP_OK)
        cp_api_null(out);
    else
        cp_api_cstr(out, cp_err_word(worth));
    put_checks(d, &checks, out);
    cp_checks_clear(&checks);
    return CP_OK;
}

static void serve_key(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_buf out;
    uint8_t person[CP_ID_LEN];
    struct cp_bytes typed = cp_arg(r, "person");
    const struct cp_keeper_person *own = cp_keeper_person(r->node->keeper, r->person);
    enum cp_err err = CP_OK;
    memcpy(person, own->person, CP_ID_LEN);
    if (!cp_bytes_eq(typed, cp_bytes_str("me")))
        err = cp_node_find_person(r->node, r->plan, typed, person);
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    if (err == CP_OK)
        err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        const struct cp_named *who = cp_desk_person(&d, person);
        bool me = memcmp(own->person, person, CP_ID_LEN) == 0;
        enum cp_err worth = me ? cp_node_key_counts(r) : CP_OK;
        bool by_sheet = worth == CP_ERR_KEY_CHANGED || worth == CP_ERR_KEY_UNHEARD || worth == CP_ERR_KEY_APART;
        if (worth != CP_OK && !by_sheet)
            err = worth;
        else
            err = who == NULL || who->someone ? CP_ERR_NOT_FOUND
                                              : put_key(&d, who, me ? own->identity_key : NULL, worth, &out);
        cp_desk_close(&d);
    }
    if (err == CP_OK)
        cp_reply_buf(r, &out);
    else
        cp_reply_about(r, err, typed);
    cp_buf_clear(&out);
}

const struct cp_command cp_serve_key[] = {
    {"key", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, serve_key}, {NULL, 0, NULL}};
