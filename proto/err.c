/* The error list as tables. Owns: nothing but the tables. */
#include "proto/err.h"

#include <string.h>

static const struct {
    const char *word;
    enum cp_err_class class;
} errors[] = {
#define X(name, word, class) [CP_ERR_##name] = {word, CP_CLASS_##class},
    CP_ERR_LIST(X)
#undef X
};

const char *cp_err_word(enum cp_err err)
{
    return (unsigned)err < CP_ERR_COUNT ? errors[err].word : "unknown";
}

enum cp_err cp_err_of_word(const char *word)
{
    for (unsigned i = 0; i < CP_ERR_COUNT; i++)
        if (strcmp(errors[i].word, word) == 0)
            return (enum cp_err)i;
    return CP_ERR_COUNT;
}

enum cp_err_class cp_err_class(enum cp_err err)
{
    return (unsigned)err < CP_ERR_COUNT ? errors[err].class : CP_CLASS_LOCAL;
}
