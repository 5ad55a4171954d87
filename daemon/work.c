/* Work in pieces. See work.h. */
#include "daemon/work.h"

enum cp_err cp_work_start(struct cp_node *node, struct cp_work *w)
{
    if (node->work != NULL)
        return CP_ERR_BUSY;
    node->work = w;
    return CP_OK;
}

void cp_work_step(struct cp_node *node)
{
    struct cp_work *w = node->work;
    node->work = NULL; /* a step that ends frees it */
    if (w != NULL && w->step(w))
        node->work = w;
}

void cp_work_stop(struct cp_node *node, enum cp_err why)
{
    struct cp_work *w = node->work;
    node->work = NULL;
    if (w != NULL)
        w->stop(w, why);
}
