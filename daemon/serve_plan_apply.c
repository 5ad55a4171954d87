/* From edits to a frame. Owns: which writes an edit replaces or has seen. Must not: read what was typed. */
#include <string.h>

#include "daemon/serve_plan.h"

/* ---- What stands ---- */

/* Bits of the ops that are current, beside s->writes. All current writes count here, also those whose values are
 * equal and shown once: one left out would stand beside the new value as a second wording. */
static enum cp_err current_bits(const struct cp_shown *s, uint64_t **left)
{
    *left = cp_alloc_array(s->mem, s->writes_count + 1, sizeof **left);
    if (*left == NULL)
        return CP_ERR_NO_MEMORY;
    return cp_record_left(s->mem, s->writes, s->writes_count, *left);
}

static bool is_add(const struct cp_op *op)
{
    return op->how == CP_HOW_ADD || op->how == CP_HOW_LINK_ADD || op->how == CP_HOW_LINK_VALUE;
}

/* Is this op a value of the very column the edit names? Its name may belong to several columns made apart. */
static bool of_column(const struct cp_shown *s, const struct cp_frame *f, const struct cp_op *op,
                      const struct cp_edit *edit)
{
    if (op->how != CP_HOW_COLUMN)
        return false;
    if (memcmp(cp_frame_ref(f, op->ref), edit->column_id, CP_ID_LEN) == 0)
        return true;
    const struct cp_shown_field *shown = cp_shown_field(s, CP_FIELD_COLUMN, CP_BYTES(NULL, 0), edit->column);
    for (size_t i = 0; shown != NULL && i < shown->count; i++) {
        const struct cp_frame *of = s->state.writes[shown->values[i].write].frame;
        const struct cp_op *column = &of->ops[shown->values[i].op];
        if (memcmp(cp_frame_ref(of, column->ref), cp_frame_ref(f, op->ref), CP_ID_LEN) == 0)
            return true;
    }
    return false;
}

static bool of_register(const struct cp_shown *s, const struct cp_frame *f, const struct cp_op *op,
                        const struct cp_edit *edit)
{
    if (op->field != edit->field->code || op->how == CP_HOW_REMOVE || is_add(op))
        return false;
    if (edit->field->type == CP_TYPE_COLUMN)
        return of_column(s, f, op, edit);
    return cp_bytes_eq(op->lang, edit->lang);
}

static bool is_state_field(const struct cp_field *f)
{
    return f->code == CP_FIELD_STATE;
}

static bool says_aside(struct cp_bytes text)
{
    return cp_bytes_eq(text, cp_bytes_str("set aside"));
}

/* ---- Replacing and seeing ---- */

struct reach {
    bool writes_state; /* some edit is on the item's state */
    bool takes_off;    /* sets it aside or closes it, which must name all that it saw */
};

/* Does the item's state, as this value says it, hold now? Whoever edits then has seen that. */
static bool is_off_by(const struct cp_shown *s, const struct cp_op *op)
{
    if (op->field != CP_FIELD_STATE || op->value.type != CP_VALUE_TEXT)
        return false;
    return says_aside(op->value.bytes) ? s->state.set_aside
                                       : cp_state_word_closes(op->value.bytes) && !s->state.closed_apart;
}

static bool write_is_met(const struct cp_shown *s, const struct cp_write *w, uint64_t left,
                         const struct cp_edits *e, const struct reach *reach)
{
    for (size_t i = 0; i < w->frame->ops_count; i++) {
        const struct cp_op *op = &w->frame->ops[i];
        if ((left >> i & 1) == 0)
            continue;
        if (reach->takes_off)
            return true; /* seen, whatever it is about */
        if (!reach->writes_state && is_off_by(s, op))
            return true; /* edited while off the list, knowing it: it stays where it is */
        for (size_t j = 0; j < e->count; j++)
            if (!e->list[j].field->list && of_register(s, w->frame, op, &e->list[j]))
                return true;
    }
    return false;
}

static void meet_writes(const struct cp_edits *e, const struct cp_shown *s, const uint64_t *left,
                        struct cp_draft *draft)
{
    struct reach reach = {.writes_state = false};
    bool item = cp_record_is_item(s->kind);
    for (size_t i = 0; i < e->count && item; i++) {
        bool state = is_state_field(e->list[i].field);
        reach.writes_state = reach.writes_state || state;
        reach.takes_off = reach.takes_off ||
                          (state && (says_aside(e->list[i].text) || cp_state_word_closes(e->list[i].text)));
    }
    for (size_t i = 0; i < s->writes_count; i++)
        if (write_is_met(s, &s->writes[i], left[i], e, &reach))
            cp_draft_replace(draft, s->writes[i].id);
}

/* ---- Lists ---- */

static bool same_element(const struct cp_frame *f, const struct cp_op *op, const struct cp_edit *edit)
{
    if (op->how == CP_HOW_ADD && cp_field_is_int(edit->field))
        return op->value.type == CP_VALUE_INT && op->value.number == edit->number;
    if (op->how == CP_HOW_ADD)
        return op->value.type == CP_VALUE_TEXT && cp_bytes_eq(op->value.bytes, edit->text);
    if (memcmp(cp_frame_ref(f, op->ref), edit->link, CP_ID_LEN) != 0)
        return false;
    return op->how == CP_HOW_LINK_ADD || edit->number < 0 || op->value.number == edit->number;
}

/* Room in the draft beside what the edits after this one write: at least as many ops, and a name each. */
static bool has_room(const struct cp_draft *draft, size_t after)
{
    return draft->ops_count + after < CP_OPS_MAX && draft->refs_count + after < CP_REFS_MAX;
}

/* Removes the current additions that are (equal) or are not the edit's element, as many as there is room for; counts
 * what was left. */
static void remove_elements(const struct cp_shown *s, const uint64_t *left, struct cp_edit *edit, size_t after,
                            bool equal, bool all, struct cp_draft *draft, size_t *removed, size_t *kept)
{
    for (size_t i = 0; i < s->writes_count; i++) {
        const struct cp_frame *f = s->writes[i].frame;
        for (size_t j = 0; j < f->ops_count; j++) {
            const struct cp_op *op = &f->ops[j];
            if ((left[i] >> j & 1) == 0 || op->field != edit->field->code || !is_add(op))
                continue;
            if (!all && same_element(f, op, edit) != equal) {
                ++*kept;
                continue;
            }
            ++*removed;
            edit->unfinished = edit->unfinished || !has_room(draft, after);
            if (!edit->unfinished)
                cp_draft_remove(draft, edit->field->code, cp_draft_name(draft, s->writes[i].id), (uint16_t)j);
        }
    }
}

static void add_element(const struct cp_edit *edit, struct cp_draft *draft)
{
    uint16_t field = edit->field->code;
    if (edit->field->type == CP_TYPE_COST)
        cp_draft_link_value(draft, field, cp_draft_name(draft, edit->link), edit->number);
    else if (cp_field_is_link(edit->field))
        cp_draft_link(draft, field, cp_draft_name(draft, edit->link), true);
    else
        cp_draft_add_text(draft, field, edit->text);
}

static enum cp_err apply_list(struct cp_edits *e, struct cp_edit *edit, const struct cp_shown *s,
                              const uint64_t *left, struct cp_draft *draft)
{
    size_t removed = 0, kept = 0, after = e->count - (size_t)(edit - e->list); /* its own addition, and the others */
    switch (edit->how) {
    case CP_EDIT_CLEAR:
        if (s != NULL)
            remove_elements(s, left, edit, after, true, true, draft, &removed, &kept);
        return CP_OK;
    case CP_EDIT_SET:
        if (s != NULL)
            remove_elements(s, left, edit, after, false, false, draft, &removed, &kept);
        if (kept == 0)
            add_element(edit, draft);
        return CP_OK;
    case CP_EDIT_ADD:
        add_element(edit, draft);
        return CP_OK;
    case CP_EDIT_REMOVE:
        if (s != NULL)
            remove_elements(s, left, edit, after, true, false, draft, &removed, &kept);
        if (removed > 0)
            return CP_OK;
        (void)snprintf(e->bad, sizeof e->bad, "%s", edit->field->name);
        (void)snprintf(e->expected, sizeof e->expected, "something that is in the list");
        return CP_ERR_BAD_FIELD;
    }
    return CP_OK;
}

/* ---- One value ---- */

static void apply_column(const struct cp_edit *edit, const struct cp_shown *s, const uint64_t *left,
                         struct cp_draft *draft)
{
    bool clears = edit->how == CP_EDIT_CLEAR;
    cp_draft_column(draft, cp_draft_name(draft, edit->column_id), clears ? CP_BYTES(NULL, 0) : edit->text);
    for (size_t i = 0; s != NULL && i < s->writes_count; i++) {
        const struct cp_frame *f = s->writes[i].frame;
        for (size_t j = 0; j < f->ops_count; j++) {
            const struct cp_op *op = &f->ops[j];
            if ((left[i] >> j & 1) == 0 || !of_register(s, f, op, edit))
                continue;
            const uint8_t *twin = cp_frame_ref(f, op->ref); /* a column of the same name, made apart */
            if (memcmp(twin, edit->column_id, CP_ID_LEN) != 0)
                cp_draft_column(draft, cp_draft_name(draft, twin), CP_BYTES(NULL, 0));
        }
    }
}

static void apply_value(const struct cp_edit *edit, struct cp_draft *draft)
{
    uint16_t field = edit->field->code;
    if (edit->how == CP_EDIT_CLEAR)
        cp_draft_nil(draft, field, edit->lang);
    else if (cp_field_is_link(edit->field))
        cp_draft_link(draft, field, cp_draft_name(draft, edit->link), false);
    else if (cp_field_is_int(edit->field))
        cp_draft_int(draft, field, edit->number);
    else
        cp_draft_text(draft, field, edit->lang, edit->text);
}

enum cp_err cp_edits_apply(struct cp_edits *e, const struct cp_shown *s, struct cp_draft *draft)
{
    uint64_t *left = NULL;
    enum cp_err err = CP_OK;
    if (s != NULL) {
        err = current_bits(s, &left);
        if (err == CP_OK)
            meet_writes(e, s, left, draft);
    }
    for (size_t i = 0; err == CP_OK && i < e->count; i++) {
        struct cp_edit *edit = &e->list[i];
        edit->unfinished = false;
        if (edit->field->list)
            err = apply_list(e, edit, s, left, draft);
        else if (edit->field->type == CP_TYPE_COLUMN)
            apply_column(edit, s, left, draft);
        else
            apply_value(edit, draft);
    }
    if (s != NULL)
        cp_free(s->mem, left);
    return err;
}

bool cp_edits_rest(struct cp_edits *e)
{
    size_t count = 0;
    for (size_t i = 0; i < e->count; i++)
        if (e->list[i].unfinished)
            e->list[count++] = e->list[i];
    e->count = count;
    return count > 0;
}

enum cp_err cp_edits_keep(struct cp_edits *e, const struct cp_shown *s, const struct cp_shown_field *f,
                          const struct cp_current *at)
{
    struct cp_edit edit = {.field = f->field, .how = CP_EDIT_SET, .lang = f->lang, .column = f->column};
    const struct cp_frame *frame = s->state.writes[at->write].frame;
    const struct cp_op *op = &frame->ops[at->op];
    const uint8_t *link = cp_record_link(&s->state, at);
    if (op->how == CP_HOW_COLUMN)
        memcpy(edit.column_id, cp_frame_ref(frame, op->ref), CP_ID_LEN);
    if (link != NULL)
        memcpy(edit.link, link, CP_ID_LEN);
    else if (op->value.type == CP_VALUE_TEXT)
        edit.text = op->value.bytes;
    else if (op->value.type == CP_VALUE_INT)
        edit.number = op->value.number;
    else if (op->value.type == CP_VALUE_NIL)
        edit.how = CP_EDIT_CLEAR;
    else
        return CP_ERR_NOT_FOUND;
    if (e->count == CP_OPS_MAX)
        return CP_ERR_TOO_BIG;
    e->list[e->count++] = edit;
    return CP_OK;
}
