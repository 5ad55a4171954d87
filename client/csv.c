/* Tables as RFC 4180 text. Owns: reading and writing the bytes. Must not: give a column a meaning. */
#include "client/csv.h"

/* ------------------------------------------------------------------------------------------- formulas */

static bool is_formula_start(uint8_t c)
{
    return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r';
}

/* The number of apostrophes before a formula character; false when the cell does not begin like that. */
static bool formula(struct cp_bytes cell, size_t *quotes)
{
    size_t i = 0;

    while (i < cell.len && cell.ptr[i] == '\'')
        i++;
    *quotes = i;
    return i < cell.len && is_formula_start(cell.ptr[i]);
}

/* ------------------------------------------------------------------------------------------- reading */

struct reader {
    const struct cp_mem *mem;
    const uint8_t *in;
    size_t len;
    size_t at;
    uint8_t *text; /* as long as the file: a cell never gets longer by being read */
    size_t used;
    struct cp_bytes *cells;
    size_t cells_count;
    size_t cells_cap;
    size_t columns; /* 0 before the first row ends */
    size_t row;     /* from 1 */
    size_t column;  /* from 1 */
    size_t row_bytes;
    struct cp_csv_place *place;
};

static bool fault(struct reader *r, enum cp_csv_fault what)
{
    r->place->fault = what;
    r->place->row = r->row;
    r->place->column = r->column;
    return false;
}

/* Length of the UTF-8 character at p, 0 when it is none. */
static size_t character_len(const uint8_t *p, size_t left)
{
    size_t need = *p < 0x80 ? 1 : *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;

    return need <= left && cp_utf8_ok(CP_BYTES(p, need)) ? need : 0;
}

/* Takes one character of a cell. Line ends and tabs are only met here within quotes, tabs also without. */
static bool take_character(struct reader *r, bool quoted)
{
    const uint8_t *p = r->in + r->at;
    size_t len = 0;

    if (*p == 0)
        return fault(r, CP_CSV_NUL);
    if (*p == 0x7f || (*p < 0x20 && !(quoted && (*p == '\t' || *p == '\r' || *p == '\n'))))
        return fault(r, CP_CSV_CONTROL);
    len = character_len(p, r->len - r->at);
    if (len == 0)
        return fault(r, CP_CSV_NOT_UTF8);
    if (len == 2 && p[0] == 0xc2 && p[1] < 0xa0)
        return fault(r, CP_CSV_CONTROL);
    memcpy(r->text + r->used, p, len);
    r->used += len;
    r->at += len;
    return true;
}

static bool at_line_end(const struct reader *r)
{
    return r->in[r->at] == '\n' || (r->in[r->at] == '\r' && r->at + 1 < r->len && r->in[r->at + 1] == '\n');
}

static bool at_cell_end(const struct reader *r)
{
    return r->at == r->len || r->in[r->at] == ',' || at_line_end(r);
}

static bool take_quoted(struct reader *r)
{
    r->at++;
    for (;;) {
        if (r->at == r->len)
            return fault(r, CP_CSV_OPEN_QUOTE);
        if (r->in[r->at] == '"') {
            r->at++;
            if (r->at == r->len || r->in[r->at] != '"')
                break;
            r->text[r->used++] = '"';
            r->at++;
        } else if (!take_character(r, true)) {
            return false;
        }
    }
    return at_cell_end(r) || fault(r, CP_CSV_AFTER_QUOTE);
}

static bool take_plain(struct reader *r)
{
    while (!at_cell_end(r)) {
        if (r->in[r->at] == '"')
            return fault(r, CP_CSV_QUOTE);
        if (!take_character(r, false))
            return false;
    }
    return true;
}

static bool take_cell(struct reader *r)
{
    struct cp_bytes cell = {r->text + r->used, 0};
    size_t start = r->used;
    size_t quotes = 0;
    void *cells = r->cells;

    if (r->column > CP_CSV_COLUMNS_MAX)
        return fault(r, CP_CSV_MANY_COLUMNS);
    if (!(r->at < r->len && r->in[r->at] == '"' ? take_quoted(r) : take_plain(r)))
        return false;
    cell.len = r->used - start;
    if (formula(cell, &quotes) && quotes > 0) {
        cell.ptr++;
        cell.len--;
    }
    if (cell.len > CP_TEXT_MAX)
        return fault(r, CP_CSV_LONG_CELL);
    r->row_bytes += cell.len;
    if (r->row_bytes > CP_CSV_ROW_MAX)
        return fault(r, CP_CSV_LONG_ROW);
    if (cp_grow(r->mem, &cells, &r->cells_cap, r->cells_count + 1,
                (size_t)CP_CSV_ROWS_MAX * CP_CSV_COLUMNS_MAX, sizeof *r->cells) != CP_OK)
        return fault(r, CP_CSV_NO_MEMORY);
    r->cells = cells;
    r->cells[r->cells_count++] = cell;
    return true;
}

/* Where the line ends begin that are all that is left of the file. */
static size_t without_last_line_ends(struct cp_bytes file)
{
    size_t len = file.len;

    while (len > 0 && file.ptr[len - 1] == '\n') {
        len--;
        if (len > 0 && file.ptr[len - 1] == '\r')
            len--;
    }
    return len;
}

static bool take_row(struct reader *r)
{
    if (r->row > CP_CSV_ROWS_MAX)
        return fault(r, CP_CSV_MANY_ROWS);
    r->row_bytes = 0;
    for (r->column = 1;; r->column++) {
        if (!take_cell(r))
            return false;
        if (r->at == r->len || r->in[r->at] != ',')
            break;
        r->at++;
    }
    if (r->columns == 0)
        r->columns = r->column;
    if (r->column != r->columns) {
        r->place->cells = r->column;
        r->place->wanted = r->columns;
        return fault(r, CP_CSV_RAGGED);
    }
    if (r->at < r->len)
        r->at += r->in[r->at] == '\r' ? 2 : 1;
    return true;
}

bool cp_csv_read(struct cp_csv *out, const struct cp_mem *mem, struct cp_bytes file,
                 struct cp_csv_place *place)
{
    struct reader r = {.mem = mem,
                       .in = file.ptr,
                       .len = without_last_line_ends(file),
                       .row = 1,
                       .column = 1,
                       .place = place};
    bool fine = false;

    *out = (struct cp_csv){.mem = mem};
    *place = (struct cp_csv_place){.fault = CP_CSV_FINE};
    if (file.len > CP_CSV_BYTES_MAX) {
        fault(&r, CP_CSV_LONG_FILE);
        goto out;
    }
    if (r.len >= 3 && memcmp(file.ptr, "\xef\xbb\xbf", 3) == 0)
        r.at = 3;
    if (r.len >= 2 && (memcmp(file.ptr, "\xff\xfe", 2) == 0 || memcmp(file.ptr, "\xfe\xff", 2) == 0)) {
        fault(&r, CP_CSV_UTF16);
        goto out;
    }
    if (r.at == r.len) {
        fault(&r, CP_CSV_EMPTY);
        goto out;
    }
    r.text = cp_alloc(mem, r.len);
    if (r.text == NULL) {
        fault(&r, CP_CSV_NO_MEMORY);
        goto out;
    }
    for (; r.at < r.len; r.row++)
        if (!take_row(&r))
            goto out;
    out->cells = r.cells;
    out->text = r.text;
    out->columns = r.columns;
    out->rows = r.row - 1;
    fine = true;
out:
    if (!fine) {
        cp_free(mem, r.cells);
        cp_free(mem, r.text);
    }
    return fine;
}

void cp_csv_clear(struct cp_csv *csv)
{
    if (csv->mem == NULL)
        return;
    cp_free(csv->mem, csv->cells);
    cp_free(csv->mem, csv->text);
    *csv = (struct cp_csv){.mem = csv->mem};
}

struct cp_bytes cp_csv_cell(const struct cp_csv *csv, size_t row, size_t column)
{
    return csv->cells[row * csv->columns + column];
}

/* ------------------------------------------------------------------------------------------- writing */

static bool needs_quotes(struct cp_bytes cell)
{
    for (size_t i = 0; i < cell.len; i++)
        if (cell.ptr[i] == ',' || cell.ptr[i] == '"' || cell.ptr[i] == '\r' || cell.ptr[i] == '\n')
            return true;
    /* At the start of a file this would be read as a byte order mark, and not as the cell's. */
    return cell.len >= 3 && memcmp(cell.ptr, "\xef\xbb\xbf", 3) == 0;
}

void cp_csv_put_row(struct cp_buf *out, const struct cp_bytes *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t quotes = 0;
        /* A tab is read only within quotes. */
        bool quoted = needs_quotes(cells[i]) || (count == 1 && cells[i].len == 0) ||
                      (cells[i].len > 0 && memchr(cells[i].ptr, '\t', cells[i].len) != NULL);

        if (i > 0)
            cp_buf_put_byte(out, ',');
        if (quoted)
            cp_buf_put_byte(out, '"');
        if (formula(cells[i], &quotes))
            cp_buf_put_byte(out, '\'');
        for (size_t j = 0; j < cells[i].len; j++) {
            if (cells[i].ptr[j] == '"')
                cp_buf_put_byte(out, '"');
            cp_buf_put_byte(out, cells[i].ptr[j]);
        }
        if (quoted)
            cp_buf_put_byte(out, '"');
    }
    cp_buf_put_str(out, "\r\n");
}
