/* Whether somebody lets their name be shown beside a note about them (domain 1, capability 5). Owns: reading that from what
 * stands about the note, without loading the plan. Must not: know what a name is shown in. The rule is cp_model_consents'. */
#include <string.h>

#include "daemon/view.h"
#include "proto/model.h"

static bool is_consent_of(const struct cp_write *w, const uint8_t *person)
{
    return !w->is_void && !w->withdrawn && w->frame->kind == CP_KIND_NOTE &&
           w->frame->subkind == CP_M_NOTE_CONSENT && memcmp(w->person, person, CP_ID_LEN) == 0;
}

/* Did another word of the same person about the same see this one? */
static bool is_passed(const struct cp_loaded *l, const struct cp_write *given, const uint8_t *person)
{
    for (size_t i = 0; i < l->writes_count; i++) {
        const struct cp_write *w = &l->writes[i];
        if (w == given || !is_consent_of(w, person))
            continue;
        for (size_t r = 1; r < w->frame->refs_count; r++)
            if (memcmp(cp_frame_ref(w->frame, r), given->id, CP_ID_LEN) == 0)
                return true;
    }
    return false;
}

static bool says(const struct cp_frame *f, const char *word)
{
    for (size_t i = 0; i < f->ops_count; i++)
        if (f->ops[i].field == CP_M_GIVEN && f->ops[i].value.type == CP_VALUE_TEXT &&
            cp_bytes_eq(f->ops[i].value.bytes, cp_bytes_str(word)))
            return true;
    return false;
}

enum cp_err cp_desk_consents(const struct cp_desk *d, const uint8_t person[static CP_ID_LEN],
                             const uint8_t about[static CP_ID_LEN], bool *out)
{
    struct cp_loaded l;
    bool yes = false, no = false;
    enum cp_err err = cp_store_load(d->node->store, d->plan, about, true, &l);
    *out = false;
    if (err == CP_ERR_NOT_FOUND)
        return CP_OK; /* nobody said anything about it */
    if (err != CP_OK)
        return err;
    for (size_t i = 0; i < l.writes_count; i++) {
        const struct cp_write *w = &l.writes[i];
        if (!is_consent_of(w, person) || is_passed(&l, w, person))
            continue;
        yes = yes || says(w->frame, "yes");
        no = no || says(w->frame, "no");
    }
    cp_loaded_clear(&l);
    *out = yes && !no;
    return CP_OK;
}

uint16_t cp_note_hides(const struct cp_desk *d, const struct cp_entry_info *info, const struct cp_frame *f)
{
    bool yes = false;
    for (size_t i = 0; f->subkind == CP_M_NOTE_ACHIEVEMENT && i < f->ops_count; i++) {
        if (f->ops[i].field != CP_M_FOR_PERSON || f->ops[i].how != CP_HOW_LINK)
            continue;
        /* What cannot be looked up is not told. */
        if (cp_desk_consents(d, cp_frame_ref(f, f->ops[i].ref), info->id, &yes) != CP_OK || !yes)
            return CP_M_FOR_PERSON;
    }
    return 0;
}
