/* Memory that runs out. */
#include "tests/support/shortage.h"

#include <stdio.h>
#include <stdlib.h>

static void *below(const struct shortage *s, void *old, size_t len)
{
    if (s->below != NULL)
        return s->below->resize(s->below->ctx, old, len);
    if (len != 0)
        return realloc(old, len);
    free(old);
    return NULL;
}

static void *resize(void *ctx, void *old, size_t len)
{
    struct shortage *s = ctx;
    if (len == 0) {
        s->live -= old != NULL;
        return below(s, old, 0);
    }
    s->calls++;
    if (s->fail_at != 0 && (s->fail_on ? s->calls >= s->fail_at : s->calls == s->fail_at)) {
        s->hit = true;
        return NULL;
    }
    void *p = below(s, old, len);
    s->live += old == NULL && p != NULL;
    return p;
}

void shortage_init(struct shortage *s, uint64_t fail_at, bool fail_on)
{
    *s = (struct shortage){.mem = {resize, s}, .fail_at = fail_at, .fail_on = fail_on};
}

uint64_t shortage_sweep(const char *name, shortage_act *act, void *ctx)
{
    for (uint64_t n = 1;; n++) {
        bool hit = false;
        for (int on = 0; on < 2; on++) {
            struct shortage s;
            shortage_init(&s, n, on != 0);
            enum cp_err err = act(&s.mem, ctx);
            hit = hit || s.hit;
            if (err == (s.hit ? CP_ERR_NO_MEMORY : CP_OK) && s.live == 0)
                continue;
            (void)fprintf(stderr, "%s, allocation %llu%s: %s, %lld blocks kept\n", name,
                          (unsigned long long)n, on != 0 ? " and later" : "", cp_err_word(err),
                          (long long)s.live);
            return 0;
        }
        if (!hit)
            return n;
    }
}
