/* Reasons of the checks as members of an answer. */
#include "daemon/check_json.h"

static const char *weight_word(enum cp_check_weight weight)
{
    switch (weight) {
    case CP_CHECK_REMARK:
        return "remark";
    case CP_CHECK_PEOPLE:
        return "people";
    case CP_CHECK_NO:
        return "no";
    case CP_CHECK_HARD:
        return "hard";
    }
    return "no";
}

static void put_wrapped(struct cp_buf *out, const char *key, int64_t n)
{
    cp_api_object(out, 1);
    cp_api_key(out, key);
    cp_api_int(out, n);
}

static void put_arg(struct cp_buf *out, const struct cp_check_arg *a)
{
    switch (a->type) {
    case CP_ARG_NONE:
        cp_api_null(out);
        break;
    case CP_ARG_TEXT:
        cp_api_text(out, a->text);
        break;
    case CP_ARG_WORD:
        cp_api_object(out, 1);
        cp_api_key(out, "word");
        cp_api_text(out, a->text);
        break;
    case CP_ARG_NUMBER:
        cp_api_int(out, a->number);
        break;
    case CP_ARG_PENCE:
        put_wrapped(out, "pence", a->number);
        break;
    case CP_ARG_MINUTES:
        put_wrapped(out, "minutes", a->number);
        break;
    }
}

void cp_put_check_reason(struct cp_buf *out, const struct cp_check_reason *reason)
{
    size_t count = 0;
    while (count < CP_CHECK_ARGS_MAX && reason->args[count].type != CP_ARG_NONE)
        count++;
    cp_api_object(out, 5);
    cp_api_key(out, "criterion");
    cp_api_cstr(out, reason->criterion);
    cp_api_key(out, "code");
    cp_api_cstr(out, reason->code);
    cp_api_key(out, "weight");
    cp_api_cstr(out, weight_word(reason->weight));
    cp_api_key(out, "record");
    if (reason->record == NULL)
        cp_api_null(out);
    else
        cp_api_hex(out, reason->record, CP_ID_LEN);
    cp_api_key(out, "args");
    cp_api_list(out, count);
    for (size_t i = 0; i < count; i++)
        put_arg(out, &reason->args[i]);
}
