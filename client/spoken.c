/* Invitations in words. See spoken.h. */
#include "client/spoken.h"

#include "client/connect.h"
#include "client/show.h"
#include "client/value.h"

/* Four in a row, as people say them. */
static void show_spoken(struct cp_cli *cli, json_t *value)
{
    const char *word = cp_json_text(value, "words");

    cp_show(cli->out, CP_SAY_SPOKEN, NULL, NULL, NULL, NULL);
    for (size_t i = 0; *word != '\0'; i++) {
        int len = (int)strcspn(word, " ");
        fprintf(cli->out, "%s%-*.*s", i % 4 == 0 ? "\n    " : " ", i % 4 == 3 ? 0 : 11, len, word);
        word += len + (word[len] == ' ' ? 1 : 0);
    }
    fputs("\n\n", cli->out);
    cp_show(cli->out, CP_SAY_SPOKEN_TYPE, NULL, NULL, NULL, NULL);
    cp_show(cli->out, CP_SAY_SPOKEN_STAY, cp_show_number(cp_json_number(value, "minutes")), NULL, NULL, NULL);
}

/* There is no text of them: nothing to draw or to write into a file, and no room for what the others carry. */
int cp_invite_spoken(struct cp_cli *cli, const struct cp_args *args)
{
    static const char *const apart[] = {"--my-device", "--for", "--out", "--qr"};

    for (size_t i = 0; i < sizeof apart / sizeof apart[0]; i++)
        if (cp_args_option(args, apart[i] + 2) != NULL)
            return cp_fail(cli, CP_ERR_USAGE, apart[i], cp_words_screen(CP_SAY_USE_WORDS_ALONE));
    return cp_print(cli, cp_ask(cli, "invite", json_pack("{s:b,s:s}", "words", true, "for", ""), 0),
                    show_spoken);
}
