/* What the files of check and of the lists beside it share. Must not: talk to the daemon. */
#ifndef CP_CLIENT_CMD_CHECK_H
#define CP_CLIENT_CMD_CHECK_H

#include "client/show.h"

/* 125000 as "1,250.00"; 540 as "9 h", 90 as "1 h 30 min". */
void cp_put_pence(struct cp_buf *out, int64_t pence);
void cp_put_minutes(struct cp_buf *out, int64_t minutes);
/* The sentence of one reason {"code", "args"} as a JSON text; NULL when memory ran out. */
json_t *cp_check_sentence(const struct cp_mem *mem, const json_t *reason);
/* Puts `why`, the sentences of the reasons, into each row. */
void cp_check_add_why(struct cp_cli *cli, json_t *rows);
/* Appends the portfolio of evidence, by --html and --on (cmd_about.c). Reports what went wrong. */
void cp_export_evidence(struct cp_cli *cli, const struct cp_args *args, struct cp_buf *out);

void cp_show_rank(struct cp_cli *cli, json_t *rows);
void cp_show_ground(struct cp_cli *cli, json_t *rows);
void cp_show_match(struct cp_cli *cli, json_t *rows);
void cp_show_who(struct cp_cli *cli, json_t *rows);
void cp_show_balance(struct cp_cli *cli, json_t *rows);
void cp_show_review(struct cp_cli *cli, json_t *rows);

#endif
