/*
 * Leaving a plan: leave (docs/api.md). Owns: which JOINs a LEAVE of this person names. Must not: judge what it does
 * (proto/member_leave.c), or send it (the next meeting or bundle does).
 */
#include <string.h>

#include "daemon/log.h"
#include "daemon/serve_plan.h"

/* All of the person's that still count, ascending, as the statement wants them; beyond its most they stay for another. */
static enum cp_err joins_of(struct cp_request *r, uint8_t (*joins)[CP_ID_LEN], size_t *count)
{
    const struct cp_members *members = NULL;
    const uint8_t *person = cp_keeper_person(r->node->keeper, r->person)->person;
    bool was = false;
    *count = 0;
    enum cp_err err = cp_store_members(r->node->store, r->plan, &members);
    for (size_t i = 0; err == CP_OK && i < members->joins_count && *count < CP_LEAVE_JOINS_MAX; i++) {
        const struct cp_member_join *j = &members->joins[i];
        if (memcmp(j->person, person, CP_ID_LEN) != 0)
            continue;
        was = true;
        if (!j->ended)
            memcpy(joins[(*count)++], j->join, CP_ID_LEN);
    }
    if (err == CP_OK && *count == 0)
        err = was ? CP_ERR_LEFT : CP_ERR_NOT_YET;
    return err;
}

static enum cp_err leave(struct cp_request *r, uint8_t id[static CP_ID_LEN], size_t *count)
{
    uint8_t joins[CP_LEAVE_JOINS_MAX][CP_ID_LEN], sig[CP_SIG_LEN];
    const uint8_t(*named)[CP_ID_LEN] = (const uint8_t(*)[CP_ID_LEN])joins;
    struct cp_buf text, frame;
    cp_buf_init(&text, r->node->mem, CP_STATEMENT_MAX);
    cp_buf_init(&frame, r->node->mem, CP_ENTRY_MAX);
    enum cp_err err = joins_of(r, joins, count);
    if (err == CP_OK)
        err = cp_keeper_leave(r->node->keeper, r->person, r->seal, r->plan, named, *count, &text, sig);
    if (err == CP_OK) {
        cp_statement_frame_write(CP_KIND_LEAVE, named, *count, cp_buf_bytes(&text), sig, &frame);
        err = cp_buf_err(&frame);
    }
    if (err == CP_OK)
        err = cp_node_write_control(r, cp_buf_bytes(&frame), id);
    cp_buf_clear(&text);
    cp_buf_clear(&frame);
    return err;
}

/* Further devices of the person that are in now: the plan goes to none of them once its person has left. Appends a list. */
static enum cp_err put_devices(struct cp_request *r, struct cp_buf *out)
{
    const struct cp_keeper_person *own = cp_keeper_person(r->node->keeper, r->person);
    const struct cp_members *m = NULL;
    size_t count = 0;
    enum cp_err err = cp_store_members(r->node->store, r->plan, &m);
    for (int pass = 0; err == CP_OK && pass < 2; pass++) {
        if (pass == 1)
            cp_api_list(out, count);
        for (size_t i = 0; i < m->count; i++) {
            const struct cp_member_device *d = &m->devices[i];
            if (memcmp(d->person, own->person, CP_ID_LEN) != 0 || !cp_member_is_in(d) ||
                memcmp(d->device_key, own->device_key, CP_KEY_LEN) == 0)
                continue;
            count += pass == 0 ? 1 : 0;
            if (pass == 1)
                cp_api_hex(out, d->device_key, CP_KEY_LEN);
        }
    }
    return err == CP_OK ? cp_buf_err(out) : err;
}

static void serve_leave(struct cp_request *r)
{
    struct cp_buf out, devices;
    uint8_t id[CP_ID_LEN];
    size_t count = 0;
    cp_buf_init(&devices, r->node->mem, CP_API_MESSAGE_MAX / 2);
    enum cp_err err = put_devices(r, &devices);
    if (err == CP_OK)
        err = leave(r, id, &count);
    if (err != CP_OK) {
        cp_buf_clear(&devices);
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    cp_log(CP_LOG_INFO, "left", "joins=%zu", count);
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    cp_api_object(&out, 5);
    cp_api_key(&out, "devices");
    cp_buf_put_bytes(&out, cp_buf_bytes(&devices));
    cp_buf_clear(&devices);
    cp_api_key(&out, "plan");
    cp_api_hex(&out, r->plan, CP_ID_LEN);
    cp_api_key(&out, "person");
    cp_api_hex(&out, cp_keeper_person(r->node->keeper, r->person)->person, CP_ID_LEN);
    cp_api_key(&out, "entry");
    cp_api_hex(&out, id, CP_ID_LEN);
    cp_api_key(&out, "joins");
    cp_api_int(&out, (int64_t)count);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

const struct cp_command cp_serve_leave[] = {
    {"leave", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON | CP_NEED_SEAL | CP_NEED_KEY, serve_leave},
    {NULL, 0, NULL},
};
