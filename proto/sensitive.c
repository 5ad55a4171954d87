/* Names and health words in free text (sensitive.h). Owns: the list and the search. Must not: decide anything. */
#include "proto/sensitive.h"

#include <string.h>

/* In lower case. A star at the end: whatever letters follow. A space or a hyphen fits either. */
static const char *const health[] = {
    "addict*",
    "adhd",
    "alcohol*",
    "anorexi*",
    "antidepress*",
    "anxiety",
    "asperger*",
    "autis*",
    "bereave*",
    "bipolar",
    "bulimi*",
    "cancer",
    "counsell*",
    "dementia",
    "depress*",
    "detox*",
    "diabet*",
    "diagnos*",
    "disab*",
    "disorder*",
    "eating disorder*",
    "epilep*",
    "hallucinat*",
    "hearing voices",
    "hiv",
    "illness*",
    "insomnia",
    "learning difficult*",
    "medicat*",
    "mental health",
    "mental illness",
    "mentally ill",
    "methadone",
    "nervous breakdown",
    "ocd",
    "overdos*",
    "panic attack*",
    "paranoi*",
    "personality disorder*",
    "phobi*",
    "psychiatr*",
    "psycho*",
    "ptsd",
    "rehab*",
    "relaps*",
    "schizo*",
    "sectioned",
    "self harm*",
    "sick note*",
    "stroke",
    "substance misuse",
    "suicid*",
    "therap*",
    "trauma*",
    "tranquilli*",
};

/* Parts of names that are words of every sentence. */
static const char *const common[] = {"and", "for", "from", "her", "his", "our", "the", "von", "with"};

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

/* Letters of any script: what is above ASCII belongs to a word. */
static bool in_word(uint8_t c)
{
    c = lower(c);
    return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool begins_word(struct cp_bytes text, size_t at)
{
    return in_word(text.ptr[at]) && (at == 0 || !in_word(text.ptr[at - 1]));
}

static size_t end_of_word(struct cp_bytes text, size_t at)
{
    while (at < text.len && in_word(text.ptr[at]))
        at++;
    return at;
}

/* Where the pattern ends in the text when it begins at `at`; 0 when it does not. */
static size_t fits(struct cp_bytes text, size_t at, const char *pattern)
{
    for (; *pattern != '\0' && *pattern != '*'; pattern++, at++) {
        uint8_t c = at < text.len ? lower(text.ptr[at]) : 0;
        bool gap = *pattern == ' ' && (c == ' ' || c == '-');
        if (!gap && c != (uint8_t)*pattern)
            return 0;
    }
    if (*pattern == '*')
        return end_of_word(text, at);
    return at == text.len || !in_word(text.ptr[at]) ? at : 0;
}

struct cp_bytes cp_sensitive_health(struct cp_bytes text, size_t from)
{
    for (size_t at = from; at < text.len; at++) {
        if (!begins_word(text, at))
            continue;
        for (size_t i = 0; i < sizeof health / sizeof health[0]; i++) {
            size_t end = fits(text, at, health[i]);
            if (end > at)
                return CP_BYTES(text.ptr + at, end - at);
        }
    }
    return CP_BYTES(NULL, 0);
}

static bool same_word(struct cp_bytes a, struct cp_bytes b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

static bool is_common(struct cp_bytes part)
{
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
        if (same_word(part, cp_bytes_str(common[i])))
            return true;
    return false;
}

/* Is this word of the text a part of the name? */
static bool is_part(struct cp_bytes word, struct cp_bytes name)
{
    for (size_t at = 0; at < name.len;) {
        size_t end = end_of_word(name, at);
        struct cp_bytes part = CP_BYTES(name.ptr + at, end - at);
        if (part.len >= 3 && !is_common(part) && same_word(word, part))
            return true;
        at = end + 1;
    }
    return false;
}

/* A name of one or two letters is looked for whole. */
static bool is_whole(struct cp_bytes word, struct cp_bytes name)
{
    return name.len > 0 && same_word(word, name);
}

struct cp_bytes cp_sensitive_name(struct cp_bytes text, size_t from, struct cp_bytes name)
{
    for (size_t at = from; at < text.len; at++) {
        if (!begins_word(text, at))
            continue;
        struct cp_bytes word = CP_BYTES(text.ptr + at, end_of_word(text, at) - at);
        if (is_part(word, name) || is_whole(word, name))
            return word;
    }
    return CP_BYTES(NULL, 0);
}

static bool is_here(struct cp_bytes text, size_t at, struct cp_bytes word)
{
    for (size_t i = 0; i < word.len; i++) {
        uint8_t c = lower(text.ptr[at + i]), w = lower(word.ptr[i]);
        if (c != w && !(w == ' ' && c == '-'))
            return false;
    }
    return true;
}

struct cp_bytes cp_sensitive_word(struct cp_bytes text, size_t from, struct cp_bytes word)
{
    for (size_t at = from; word.len > 0 && at < text.len && word.len <= text.len - at; at++) {
        size_t end = at + word.len;
        bool within = (at > 0 && in_word(text.ptr[at - 1]) && in_word(text.ptr[at])) ||
                      (end < text.len && in_word(text.ptr[end]) && in_word(text.ptr[end - 1]));
        if (!within && is_here(text, at, word))
            return CP_BYTES(text.ptr + at, word.len);
    }
    return CP_BYTES(NULL, 0);
}
