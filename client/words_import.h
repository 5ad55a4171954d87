/*
 * Sentences of taking in files: a part of the catalogue (words.h includes it).
 * Owns: these sentences alone. Places are filled as words.h says.
 */
#ifndef CP_CLIENT_WORDS_IMPORT_H
#define CP_CLIENT_WORDS_IMPORT_H

#define CP_SCREEN_WORDS_IMPORT(X)                                                                           \
    X(DRY_RUN, "This was a rehearsal: nothing was written. Taken in would be: {1} new[, {2} known before]"  \
               "[, {3} empty rows left out].")                                                              \
    X(DRY_FIELD, "  column {1}: {2}")                                                                       \
    X(DRY_OWN, "  column {1}: kept as it is, under its own name")                                           \
    X(DRY_MAP,                                                                                              \
      "To say what a column or some words mean, write lines like these into a file, and use --map FILE:\n"  \
      "    due = Timescale\n    due: Summer term = 2027-07-20")                                             \
    X(DRY_PART, "  line {1}: {2}: {3}")                                                                     \
    X(CELL_NO_DAY, "Row {1}, {2}: \"{3}\" is no day, so it stays as words. Which day is it? YYYY-MM-DD")    \
    X(CELL_NOBODY, "Row {1}, {2}: nobody here, or more than one, is called \"{3}\", so it stays as words.") \
    X(CELL_LEADS,                                                                                           \
      "Row {1}, {2}: \"{3}\" are several. One of them has to make sure it happens: no lead yet. Those we "  \
      "know are written down as helping.")                                                                  \
    X(CELL_PEOPLE, "Row {1}, {2}: \"{3}\" are several, and this takes one, so it stays as words.")          \
    X(CELL_NO_MONEY, "Row {1}, {2}: \"{3}\" is no sum of money that I understand, so it stays as words.")   \
    X(CELL_NO_RAG, "Row {1}, {2}: \"{3}\" is not green, amber, red or unknown, so it stays as words.")      \
    X(CELL_NO_VALUE, "Row {1}, {2}: \"{3}\" does not fit {4}, so it stays as words.")                       \
    X(CELLS_MORE, "... and {1} more. All of them: coplan --json import FILE --dry-run")                     \
    X(CSV_MAP_COLUMN, "line {2} of the map names a column that is not there once; the columns are: {1}")    \
    X(CSV_UTF16, "it is written in UTF-16, from row 1 on; save the file as UTF-8")                          \
    X(MAP_NOT_TEXT, "line {1} of the map holds bytes that are no text; save it as UTF-8")                   \
    X(MAP_NO_SIGN, "line {1} of the map is neither FIELD = COLUMN nor FIELD: WORDS = VALUE: {2}")           \
    X(MAP_FIELD, "line {1} of the map names no field of an action: {2}")                                    \
    X(MAP_TWICE, "line {1} of the map says again what a line before it said: {2}")                          \
    X(MAP_VALUE, "line {1} of the map gives a value that does not fit: {2}")                                \
    X(MAP_MANY, "line {1} of the map is one line too many")                                                 \
    X(MD_EMPTY, "it has no heading, so there is no telling what an action is")                              \
    X(MD_NOT_UTF8, "line {1} holds bytes that are no text; save the file as UTF-8")                         \
    X(MD_CONTROL, "line {1} holds a control character")                                                     \
    X(MD_LONG_LINE, "the heading in line {1} is too long for one field")                                    \
    X(MD_LONG_TEXT,                                                                                         \
      "more stands under the heading in line {1} than one field holds; give its parts headings")            \
    X(MD_MANY, "there are too many headings (the most is 20000)")                                           \
    X(MD_LEFT, "line {1}, {2}: {3} words that stand with no action")                                        \
    X(MD_LEFT_TOP, "{3} words before the first heading")

#endif
