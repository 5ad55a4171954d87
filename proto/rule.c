/* The words of rules (rule.h). Must not: judge answers. */
#include "proto/rule.h"

#include <string.h>

/* "NAME" and, where it may, "(1)" to "(999)" behind it without leading zeros. False when it is not this name. */
static bool read_named(struct cp_bytes text, const char *name, bool *said, size_t *n)
{
    size_t len = strlen(name);
    *said = false;
    if (text.len < len || memcmp(text.ptr, name, len) != 0)
        return false;
    if (text.len == len)
        return true;
    *n = 0;
    for (size_t i = len + 1; text.ptr[len] == '(' && i < text.len; i++) {
        uint8_t c = text.ptr[i];
        if (c == ')') {
            *said = *n > 0;
            return *said && i + 1 == text.len;
        }
        if (c < '0' || c > '9' || (c == '0' && *n == 0))
            return false;
        *n = *n * 10 + (size_t)(c - '0');
        if (*n > CP_RULE_N_MAX)
            return false;
    }
    return false;
}

bool cp_rule_read(struct cp_bytes text, struct cp_rule *out)
{
    bool said = false;
    size_t n = 0;
    if (read_named(text, "everyone-but-aside", &said, &n) && said)
        *out = (struct cp_rule){.kind = CP_RULE_BUT_ASIDE, .n = n};
    else if (read_named(text, "each-perspective", &said, &n))
        *out = (struct cp_rule){.kind = CP_RULE_PERSPECTIVE, .n = said ? n : 1};
    else if (read_named(text, "everyone", &said, &n) && !said)
        *out = (struct cp_rule){.kind = CP_RULE_EVERYONE};
    else
        return false;
    return true;
}
