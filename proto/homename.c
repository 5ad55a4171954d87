/* The names that a home is made of. See homename.h. */
#include "proto/homename.h"

#include <string.h>

bool cp_home_name_is(const char *name, size_t len)
{
    static const struct {
        const char *text;
        bool begins; /* every name that begins so */
    } own[] = {
        {"keys", false},           {"keys.new", false},       /* daemon/keeper_file.c */
        {"private-", true},                                   /* daemon/private.c: of each person, and while it is written */
        {"plan.db", true},                                    /* daemon/home.c, store_marker.c; -journal, -wal and -shm of SQLite */
        {"lock", false},           {"socket", false},         /* daemon/held.c, proto/socketpath.h */
        {"log", false},            {"log.old", false},        /* daemon/log.c */
        {"carried", false},        {"carried.part-", true},   /* daemon/carry_internal.h; .part-: daemon/new_file.h */
        {"carrying", false},       {"carrying.part-", true},
        {"carrier", false},        {"carrier.part-", true},   /* daemon/carrier_home.c */
        {"piles", false},                                     /* daemon/carrier_pile.c */
        {"restore.part", false},   {"restore.ready", false},  /* daemon/restore_place.c */
        {"before-restore-", true},
    };

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        size_t of = strlen(own[i].text);

        if (len >= of && (own[i].begins || len == of) && memcmp(name, own[i].text, of) == 0)
            return true;
    }
    return false;
}
