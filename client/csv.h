/*
 * Tables as RFC 4180 text: a strict reader and the writer that is its inverse.
 * Owns: the bytes of a table. Must not: read files, or know what a column means (sheet.h).
 *
 * Reader: cells apart by comma, rows by CRLF or LF, the last line end may be missing, a byte order mark is
 * skipped. Cells may be quoted; a quote stands only at a cell's ends or doubled within. Every row has as many
 * cells as the first; empty lines at the end are skipped. NUL, bytes that are not UTF-8, and control
 * characters (but tab, CR and LF within quotes) are refused, each with its row and column.
 *
 * Formulas: a program that opens the file must not run a cell. A cell that matches '*[=+-@TAB CR], that is any
 * number of apostrophes and then such a character, is written with one apostrophe more in front of it; a cell
 * that matches '+[=+-@TAB CR], at least one apostrophe, is read with one fewer. So what is written is read back
 * exactly, whatever the cell was, and a file that was made that way is written again byte for byte.
 *
 * Writer: CRLF after every row, quotes only round cells that hold a comma, quote, tab, CR or LF or begin with a byte
 * order mark, and round the only cell of a row when it is empty (an empty line would be no row).
 */
#ifndef CP_CLIENT_CSV_H
#define CP_CLIENT_CSV_H

#include "proto/bytes.h"

#define CP_CSV_BYTES_MAX   (64U * 1024U * 1024U) /* a table of words, not of measurements */
#define CP_CSV_ROWS_MAX    200000U               /* the header among them */
#define CP_CSV_COLUMNS_MAX 60U                   /* a row is one entry, and an entry has CP_OPS_MAX writes */
#define CP_CSV_ROW_MAX     57344U /* bytes of one row's cells: leaves room for names in CP_ENTRY_MAX */

enum cp_csv_fault {
    CP_CSV_FINE,
    CP_CSV_EMPTY, /* no row at all */
    CP_CSV_NUL,
    CP_CSV_UTF16, /* begins as such a file does */
    CP_CSV_NOT_UTF8,
    CP_CSV_CONTROL,     /* a control character */
    CP_CSV_QUOTE,       /* a quote inside a cell that is not quoted */
    CP_CSV_AFTER_QUOTE, /* something between the closing quote and the comma */
    CP_CSV_OPEN_QUOTE,  /* the file ends inside quotes; the place is where they open */
    CP_CSV_RAGGED,      /* another number of cells than the first row */
    CP_CSV_LONG_CELL,   /* more than CP_TEXT_MAX bytes */
    CP_CSV_LONG_ROW,    /* more than CP_CSV_ROW_MAX bytes */
    CP_CSV_MANY_COLUMNS,
    CP_CSV_MANY_ROWS,
    CP_CSV_LONG_FILE,
    CP_CSV_NO_MEMORY
};

struct cp_csv_place {
    enum cp_csv_fault fault;
    size_t row;    /* from 1, the header being row 1 */
    size_t column; /* from 1 */
    size_t cells;  /* RAGGED: how many cells the row has, */
    size_t wanted; /* and how many the first has */
};

struct cp_csv {
    const struct cp_mem *mem;
    struct cp_bytes *cells; /* rows * columns, row by row; they point into text */
    size_t rows;            /* the header among them; at least 1 */
    size_t columns;         /* at least 1 */
    uint8_t *text;
};

/* Reads a whole file. On a fault *out is empty and *place says which and where. Borrows nothing. */
CP_MUST_USE bool cp_csv_read(struct cp_csv *out, const struct cp_mem *mem, struct cp_bytes file,
                             struct cp_csv_place *place);
void cp_csv_clear(struct cp_csv *csv);
/* row from 0 (the header), column from 0. */
struct cp_bytes cp_csv_cell(const struct cp_csv *csv, size_t row, size_t column);

/* Appends one row. A cell must not hold NUL. */
void cp_csv_put_row(struct cp_buf *out, const struct cp_bytes *cells, size_t count);

#endif
