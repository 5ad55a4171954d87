/*
 * Every statement the store prepares, by name, and the few typed ways to run one.
 * Owns: the texts and the statement cache's order. Must not: be included outside daemon/store*.c.
 *
 * Binding formats: i an unsigned 64-bit number, b a pointer and a size_t, n NULL. Bound bytes must live until the
 * statement is done. A statement is done when cp_sql_step said so, or by cp_sql_done.
 */
#ifndef CP_STORE_SQL_H
#define CP_STORE_SQL_H

#include <sqlite3.h>

#include "proto/bytes.h"

struct cp_store;

#define CP_STORE_VERSION 4 /* no release ever wrote 1; 2 knew no continuations, 3 no attachments */
#define CP_SQL_TEXT_OF(number) #number
#define CP_SQL_NUMBER(number)  CP_SQL_TEXT_OF(number)

/* What struct cp_stored has of a row, in its order (cp_stored_read). */
#define CP_SQL_STORED "e.row, e.id, e.chain, e.author, e.kind, e.lamport, e.time_ms, e.seq, e.words, e.body"

#define CP_SQL_LIST(X)                                                                                         \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                                \
    X(COMMIT, "COMMIT")                                                                                        \
    X(WRITE_BACK, "PRAGMA wal_checkpoint(RESTART)")                                                            \
    X(WIPE, "PRAGMA wal_checkpoint(TRUNCATE)")                                                                 \
    /* what it is already; an UPDATE that changes nothing would write nothing */                              \
    X(HOME_TOUCH, "PRAGMA user_version = " CP_SQL_NUMBER(CP_STORE_VERSION))                                    \
    X(HOME_GET, "SELECT incarnation, own_count, scrub_row, lock_check FROM home")                              \
    X(HOME_OWN, "UPDATE home SET incarnation = ?, own_count = ?")                                              \
    X(HOME_SCRUB, "UPDATE home SET scrub_row = ?")                                                             \
    X(HOME_CHECK, "UPDATE home SET lock_check = ?")                                                            \
    X(OWN_ADD, "INSERT OR IGNORE INTO own_device (device) VALUES (?)")                                         \
    X(OWN_HAS, "SELECT 1 FROM own_device WHERE device = ?")                                                    \
    /* plans */                                                                                                \
    X(PLAN_BY_ID, "SELECT num, id, rules, first, (SELECT count(*) FROM line l WHERE l.plan = num) FROM plan"\
                   " WHERE id = ?")                                                                                                                     \
    X(PLAN_BY_NUM, "SELECT num, id, rules, first, (SELECT count(*) FROM line l WHERE l.plan = num) FROM plan"\
                   " WHERE num = ?")                                                                                                                   \
    X(PLAN_ADD, "INSERT INTO plan (id, rules) VALUES (?, ?)")                                                  \
    X(PLAN_FIRST, "UPDATE plan SET first = ? WHERE num = ?")                                                   \
    X(LINE_ADD, "INSERT INTO line (plan, depth, id) VALUES (?, ?, ?)")                                         \
    X(LINE_OF, "SELECT id FROM line WHERE plan = ? ORDER BY depth")                                            \
    X(LINE_CUT, "DELETE FROM line WHERE plan = ?")                                                             \
    X(PLAN_AWAIT, "UPDATE plan SET join_box = ?, invitation = ? WHERE num = ?")                                \
    X(PLAN_FORGET, "DELETE FROM plan WHERE num = ? AND first IS NULL")                                         \
    X(PLAN_AWAITED, "SELECT join_box, invitation FROM plan WHERE num = ?")                                     \
    X(PLAN_EACH, "SELECT p.num, p.id, p.first, t.entries, t.newer, t.wanted,"                                  \
                 " (SELECT count(*) FROM (SELECT 1 FROM tip JOIN chain c ON c.num = tip.chain"                 \
                 "   WHERE c.plan = p.num GROUP BY tip.chain HAVING count(*) > 1)),"                           \
                 " (SELECT count(*) FROM void v WHERE v.plan = p.num)"                                         \
                 " FROM plan p LEFT JOIN tally t ON t.plan = p.num ORDER BY p.num")                            \
    /* persons */                                                                                              \
    X(PERSON_BY_MARK, "SELECT num FROM person WHERE mark = ?")                                                 \
    X(PERSON_ADD, "INSERT INTO person (mark, id) VALUES (?, ?)")                                               \
    X(PERSON_GET, "SELECT mark, id FROM person WHERE num = ?")                                                 \
    /* chains */                                                                                               \
    X(CHAIN_FIND, "SELECT num, person FROM chain WHERE plan = ? AND device = ? AND incarnation = ? AND class = ?" \
                  " AND depth = ?")                                                                            \
    X(CHAIN_ADD, "INSERT INTO chain (plan, device, incarnation, class, person, depth) VALUES (?, ?, ?, ?, ?, ?)") \
    X(CHAIN_GET, "SELECT plan, person, device, incarnation, class, depth FROM chain WHERE num = ?")                    \
    X(CHAIN_TIP, "SELECT e.id FROM tip t JOIN entry e ON e.row = t.row WHERE t.chain = ?"                      \
                 " ORDER BY e.seq DESC, e.id LIMIT 1")                                                         \
    /* frontiers */                                                                                            \
    X(FRONTIER_FIND, "SELECT num FROM frontier WHERE members = ?")                                             \
    X(FRONTIER_ADD, "INSERT INTO frontier (members) VALUES (?)")                                               \
    X(FRONTIER_GET, "SELECT members FROM frontier WHERE num = ?")                                              \
    X(GRAPH, "SELECT e.lamport, e.prev, e.parents FROM entry e WHERE e.row = ?")                               \
    /* entries */                                                                                              \
    X(ENTRY_LAST, "SELECT max(row) FROM entry")                                                                \
    X(ENTRY_KNOWN, "SELECT row, chain, seq, lamport, frontier, author, words FROM entry WHERE id = ?")         \
    X(ENTRY_ADD, "INSERT INTO entry (row, id, chain, seq, prev, parents, lamport, time_ms, frontier, kind, author," \
                 " words, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id, chain) DO NOTHING") \
    X(ENTRY_REPAIR, "UPDATE entry SET chain = ?, seq = ?, prev = ?, parents = ?, lamport = ?, time_ms = ?,"    \
                    " kind = ?, words = ?, body = ? WHERE row = ?")                                            \
    X(SIG_ADD, "INSERT OR IGNORE INTO signature (row, sig) VALUES (?, ?)")                                     \
    X(SIG_HAS, "SELECT 1 FROM signature WHERE row = ?")                                                        \
    X(ROWS_CLASS, "SELECT e.row FROM chain c JOIN entry e ON e.chain = c.num WHERE c.plan = ? AND c.class = ?") \
    X(ENTRY_WANTED, "UPDATE entry SET words = 1 WHERE row = ? AND words <> 1")                                 \
    X(ENTRY_BODY_SET, "UPDATE entry SET words = ?, body = ? WHERE row = ?")                                    \
    X(ENTRY_ID, "SELECT id FROM entry WHERE row = ?")                                                          \
    X(ENTRY_BODY, "SELECT id, body, author, words, chain FROM entry WHERE row = ?")                            \
    X(ENTRY_STORED, "SELECT " CP_SQL_STORED ", EXISTS (SELECT 1 FROM void v WHERE v.row = e.row) FROM entry e" \
                    " WHERE e.row = ?")                                                                        \
    X(ENTRIES_FROM, "SELECT " CP_SQL_STORED " FROM entry e WHERE e.row >= ? ORDER BY e.row")                   \
    X(ENTRY_AUTHOR, "SELECT coalesce(e.author, c.person) FROM entry e JOIN chain c ON c.num = e.chain WHERE e.row = ?") \
    X(ENTRY_WHOLE, "SELECT e.id, e.seq, e.prev, e.parents, e.lamport, e.time_ms, e.words, e.body,"             \
                   " (SELECT g.sig FROM signature g WHERE g.row = e.row), e.chain FROM entry e WHERE e.row = ?") \
    X(ENTRY_NEXT, "SELECT e.row, e.prev, e.parents, e.chain, e.kind, e.lamport, coalesce(e.author, c.person), c.plan," \
                  " c.class, e.words, e.frontier, c.depth FROM entry e CROSS JOIN chain c ON c.num = e.chain"   \
                  " WHERE e.row > ?"                                                                           \
                  " ORDER BY e.row LIMIT 1")                                                                   \
    X(ENTRY_RANGE, "SELECT e.id, c.plan FROM entry e JOIN chain c ON c.num = e.chain WHERE e.id >= ? AND e.id <= ?" \
                   " ORDER BY e.id")                                                                           \
    X(ENTRY_AT, "SELECT e.id FROM entry e JOIN chain c ON c.num = e.chain"                                     \
                " WHERE e.chain = ? AND e.seq = ? AND c.plan = ? AND e.row < ? ORDER BY e.id LIMIT 16")        \
    X(PLACE_OF, "SELECT id, chain, seq, lamport FROM entry WHERE id = ?")                                      \
    X(PLACE_AT, "SELECT id, chain, seq, lamport FROM entry WHERE chain = ? AND seq = ? LIMIT 2")               \
    X(ENTRY_AFTER, "SELECT e.row FROM entry e JOIN chain c ON c.num = e.chain"                                 \
                   " WHERE e.chain = ? AND e.seq > ? AND c.plan = ? AND c.class = ?")                          \
    X(ENTRY_SINCE, "SELECT e.row FROM entry e JOIN chain c ON c.num = e.chain WHERE e.row > ? AND c.plan = ?"      \
                   " ORDER BY e.row")                                                                          \
    X(ENTRY_BEFORE, "SELECT e.row, e.id, e.time_ms FROM chain c JOIN entry e ON e.row ="                        \
                    " (SELECT x.row FROM entry x WHERE x.chain = c.num AND x.row < ? ORDER BY x.seq DESC LIMIT 1)" \
                    " WHERE c.plan = ? AND c.device = ? AND c.class = 1 ORDER BY e.row DESC LIMIT 1")           \
    X(SCRUB_NEXT, "SELECT row FROM entry WHERE row > ? ORDER BY row LIMIT ?")                                  \
    /* lists of rows for cp_store_each */                                                                      \
    /* CROSS keeps SQLite from walking chain by chain and sorting each page */                                 \
    X(ROWS_ARRIVAL, "SELECT e.row FROM entry e CROSS JOIN chain c ON c.num = e.chain"                          \
                    " WHERE c.plan = ? AND (? = 0 OR e.kind = ?) AND e.row > ? ORDER BY e.row LIMIT 1024")     \
    X(ROWS_ALL, "SELECT e.row FROM entry e JOIN chain c ON c.num = e.chain"                                    \
                " WHERE c.plan = ? AND (? = 0 OR e.kind = ?) ORDER BY e.lamport, e.id")                        \
    X(ROWS_KIND, "SELECT l.row FROM listed l JOIN entry e ON e.row = l.row WHERE l.plan = ? AND l.kind = ?"    \
                 " ORDER BY l.lamport, e.id")                                                                  \
    X(ROWS_CONTROL, "SELECT l.row FROM listed l JOIN entry e ON e.row = l.row WHERE l.plan = ? AND l.kind < 64" \
                    " ORDER BY l.lamport, e.id")                                                               \
    X(ROWS_TARGET, "SELECT t.row, t.left, e.kind FROM touch t JOIN entry e ON e.row = t.row WHERE t.target = ?"        \
                   " AND (? OR t.left <> 0) ORDER BY e.lamport, e.id")                                         \
    X(ROWS_TOUCHED, "SELECT target, row, left FROM touch WHERE left <> 0 ORDER BY target, row")                \
    X(HELD_STILL, "SELECT 1 FROM home")                                                                        \
    /* derived */                                                                                              \
    X(TOUCH_GET, "SELECT left FROM touch WHERE target = ? AND row = ?")                                        \
    X(TOUCH_OF, "SELECT e.row, e.chain, e.author, e.words, e.body, t.left FROM entry e"                         \
                " LEFT JOIN touch t ON t.target = ? AND t.row = e.row WHERE e.id = ?")                         \
    /* plan, item, set, note */                                                                               \
    X(TOUCH_WRITTEN, "SELECT count(*), max(e.time_ms) FROM touch t JOIN entry e ON e.row = t.row"              \
                     " WHERE t.target = ? AND (e.kind = 65 OR (e.kind IN (64, 66, 69)"                          \
                     " AND NOT EXISTS (SELECT 1 FROM void v WHERE v.row = e.row)))")                            \
    X(TOUCH_ADD, "INSERT INTO touch (target, row, left) VALUES (?, ?, ?)")                                     \
    X(TOUCH_SET, "UPDATE touch SET left = ? WHERE target = ? AND row = ?")                                     \
    X(DANGLING_ANY, "SELECT 1 FROM dangling LIMIT 1")                                                          \
    X(DANGLING_GET, "SELECT row FROM dangling WHERE mark = ?")                                                 \
    X(DANGLING_ADD, "INSERT OR IGNORE INTO dangling (mark, row) VALUES (?, ?)")                                \
    X(DANGLING_CUT, "DELETE FROM dangling WHERE mark = ?")                                                     \
    X(LISTED_ADD, "INSERT INTO listed (plan, kind, lamport, row) VALUES (?, ?, ?, ?)")                         \
    X(HEAD_ADD, "INSERT INTO head (plan, class, row) VALUES (?, ?, ?)")                                        \
    X(HEAD_CUT, "DELETE FROM head WHERE plan = ? AND class = ? AND row = ?")                                   \
    X(HEADS, "SELECT e.row, e.id, e.lamport, e.frontier FROM head h JOIN entry e ON e.row = h.row"             \
             " WHERE h.plan = ? AND h.class = ? ORDER BY e.lamport DESC, e.id DESC LIMIT ?")                   \
    X(TIP_ADD, "INSERT INTO tip (chain, row) VALUES (?, ?)")                                                   \
    X(TIP_CUT, "DELETE FROM tip WHERE chain = ? AND row = ?")                                                  \
    X(TIPS, "SELECT c.num, c.device, c.incarnation, c.class, e.seq, e.id, e.row, c.depth FROM chain c"                  \
            " JOIN tip t ON t.chain = c.num JOIN entry e ON e.row = t.row WHERE c.plan = ? AND c.class = ?"    \
            " ORDER BY c.device, c.incarnation, e.seq, e.id")                                                  \
    /* What is whole: everything that arrived before the first damaged entry, and before the run that it cuts */ \
    X(WANTED_FIRST, "SELECT min(e.row) FROM entry e JOIN chain c ON c.num = e.chain WHERE c.plan = ? AND e.words = 1") \
    X(ERASED_ROWS, "SELECT e.row FROM entry e JOIN chain c ON c.num = e.chain"                                  \
                   " WHERE c.plan = ? AND e.words = 2 AND e.row < ? ORDER BY e.row")                           \
    X(UNPROVEN_FIRST, "SELECT min(e.row) FROM entry e JOIN chain c ON c.num = e.chain"                         \
                      " WHERE c.plan = ? AND e.row < ? AND e.row >= ? AND NOT EXISTS"                          \
                      " (SELECT 1 FROM signature g WHERE g.row = e.row) AND NOT EXISTS"                        \
                      " (SELECT 1 FROM entry n WHERE n.chain = e.chain AND n.seq = e.seq + 1 AND n.prev = e.row" \
                      "  AND n.row < ?)")                                                                      \
    X(TIPS_BEFORE, "WITH RECURSIVE back (row) AS (SELECT t.row FROM tip t JOIN chain c ON c.num = t.chain"     \
                   "  WHERE c.plan = ? AND c.class = ?"                                                        \
                   " UNION SELECT e.prev FROM back b JOIN entry e ON e.row = b.row WHERE b.row >= ? AND e.prev <> 0)" \
                   " SELECT c.num, c.device, c.incarnation, c.class, e.seq, e.id, e.row, c.depth FROM back b"  \
                   " JOIN entry e ON e.row = b.row JOIN chain c ON c.num = e.chain WHERE b.row < ? AND NOT EXISTS" \
                   " (SELECT 1 FROM entry n WHERE n.chain = e.chain AND n.seq = e.seq + 1 AND n.prev = e.row"  \
                   "  AND n.row < ?) ORDER BY c.device, c.incarnation, e.seq, e.id")                           \
    X(ADMISSION_ADD, "INSERT INTO admission (mark, row, person) VALUES (?, ?, ?)")                             \
    X(ADMISSIONS, "SELECT a.row, a.person, e.lamport FROM admission a JOIN entry e ON e.row = a.row"           \
                  " WHERE a.mark = ? ORDER BY e.lamport, e.id")                                                \
    X(ADMISSIONS_OF, "SELECT a.row, e.lamport FROM admission a JOIN entry e ON e.row = a.row"                  \
                     " JOIN chain c ON c.num = e.chain WHERE a.person = ? AND c.plan = ? ORDER BY a.row")      \
    X(ADMISSION_HAS, "SELECT 1 FROM admission WHERE mark = ? AND row = ?")                                     \
    X(WITHDRAWAL_ADD, "INSERT OR IGNORE INTO withdrawal (mark, row) VALUES (?, ?)")                            \
    X(WITHDRAWAL_GET, "SELECT row FROM withdrawal WHERE mark = ? ORDER BY row")                                \
    X(WITHDRAWAL_LAST, "SELECT max(row) FROM withdrawal WHERE mark = ?")                                       \
    X(WITHDRAWAL_ANY, "SELECT 1 FROM withdrawal LIMIT 1")                                                      \
    /* void */                                                                                                 \
    X(SAID_ANY, "SELECT 1 FROM listed WHERE plan = ? AND kind = ? LIMIT 1")                                    \
    X(SAID_ROWS, "SELECT l.row, l.lamport FROM listed l WHERE l.plan = ? AND l.kind = ? ORDER BY l.lamport, l.row") \
    X(SAID_HAS, "SELECT 1 FROM listed WHERE plan = ? AND kind = ? AND lamport = ? AND row = ?")                \
    X(VOID_ADD, "INSERT INTO void (row, plan) VALUES (?, ?)")                                                  \
    X(VOID_CUT, "DELETE FROM void WHERE row = ?")                                                              \
    X(VOID_HAS, "SELECT 1 FROM void WHERE row = ?")                                                            \
    X(VOID_ROWS, "SELECT row FROM void WHERE plan = ?")                                                        \
    X(VOID_CHAIN, "SELECT 1 FROM entry e JOIN void v ON v.row = e.row WHERE e.chain = ? LIMIT 1")              \
    X(TOUCH_VOID, "SELECT 1 FROM touch t JOIN void v ON v.row = t.row WHERE t.target = ? LIMIT 1")             \
    X(TOUCH_KEPT, "SELECT 1 FROM touch t JOIN entry e ON e.row = t.row WHERE t.target = ? AND e.kind = 66"     \
                  " AND (t.left & 9223372036854775807) <> 0 LIMIT 1")                                          \
    X(CHAINS_OF, "SELECT num, device, incarnation, class, depth FROM chain WHERE plan = ? ORDER BY num")              \
    X(CHAIN_ROWS, "SELECT row, seq, prev, kind FROM entry WHERE chain = ? ORDER BY row")                       \
    X(CONTROL_HEAD, "SELECT e.id, c.device, c.incarnation, e.seq, e.lamport, p.id, c.plan, c.depth FROM entry e" \
                    " JOIN chain c ON c.num = e.chain LEFT JOIN entry p ON p.row = e.prev WHERE e.row = ?")    \
    X(TALLY_ADD, "INSERT INTO tally (plan, entries, newer, wanted) VALUES (?, ?, ?, ?) ON CONFLICT (plan) DO"  \
                 " UPDATE SET entries = entries + excluded.entries, newer = newer + excluded.newer,"           \
                 " wanted = wanted + excluded.wanted")                                                         \
    X(TALLY_GET, "SELECT entries, newer, wanted FROM tally WHERE plan = ?")                                    \
    X(TALLY_FIXED, "UPDATE tally SET wanted = wanted - 1 WHERE plan = ? AND wanted > 0")                       \
    X(NOTE_SET, "INSERT INTO note (mark, value) VALUES (?, ?) ON CONFLICT (mark) DO UPDATE SET value = excluded.value") \
    X(NOTE_GET, "SELECT value FROM note WHERE mark = ?")                                                       \
    /* attachments */                                                                                          \
    X(PLANS_HELD, "SELECT num FROM plan WHERE first IS NOT NULL ORDER BY num")                                 \
    X(LISTED_ANY, "SELECT 1 FROM plan p WHERE EXISTS (SELECT 1 FROM listed l WHERE l.plan = p.num AND l.kind = ?) LIMIT 1") \
    X(ENTRY_ROWS, "SELECT row FROM entry WHERE id = ? AND words = 0")                                          \
    X(ATTACHMENT_GET, "SELECT num, wish, bytes, pieces, whole FROM attachment WHERE id = ?")                   \
    X(ATTACHMENT_ADD, "INSERT INTO attachment (id, wish, bytes, pieces, whole) VALUES (?, 0, 0, 0, 0)")        \
    X(ATTACHMENT_WISH, "UPDATE attachment SET wish = 1 WHERE num = ?")                                         \
    /* length() reads the row's head alone; 16 bytes of each are the seal's */                                 \
    X(ATTACHMENT_COUNT, "UPDATE attachment SET"                                                                \
                        " bytes = (SELECT coalesce(sum(length(body) - 16), 0) FROM piece WHERE attachment = ?)," \
                        " pieces = (SELECT count(*) FROM piece WHERE attachment = ?),"                         \
                        " whole = ((SELECT count(*) FROM piece WHERE attachment = ?) = ?) WHERE num = ?")      \
    X(ATTACHMENT_CUT, "DELETE FROM attachment WHERE num = ?")                                                  \
    X(PIECE_ADD, "INSERT OR IGNORE INTO piece (attachment, number, body) VALUES (?, ?, ?)")                    \
    X(PIECE_GET, "SELECT body FROM piece WHERE attachment = ? AND number = ?")                                 \
    X(PIECE_NUMBERS, "SELECT number FROM piece WHERE attachment = ? AND number >= ? ORDER BY number")          \
    X(PIECE_NEXT, "SELECT p.attachment, p.number, a.id FROM piece p JOIN attachment a ON a.num = p.attachment" \
                  " WHERE (p.attachment, p.number) > (?, ?) ORDER BY p.attachment, p.number LIMIT 1")          \
    X(PIECE_CUT, "DELETE FROM piece WHERE attachment = ? AND number = ?")                                      \
    X(PIECES_CUT, "DELETE FROM piece WHERE attachment = ?")                                                    \
    X(PIECES_USED, "SELECT coalesce(sum(a.bytes), 0) FROM listed l JOIN entry e ON e.row = l.row"              \
                   " JOIN attachment a ON a.id = e.id WHERE l.plan = ? AND l.kind = ?")                        \
    X(PIECES_HERE, "SELECT e.id FROM listed l JOIN entry e ON e.row = l.row JOIN attachment a ON a.id = e.id"  \
                   " WHERE l.plan = ? AND l.kind = ? AND e.words = 0 AND a.pieces > 0 ORDER BY e.id")          \
    X(WISHED_NEXT, "SELECT l.lamport, l.row, e.id FROM listed l JOIN entry e ON e.row = l.row"                 \
                   " LEFT JOIN attachment a ON a.id = e.id WHERE l.plan = ? AND l.kind = ?"                    \
                   " AND (l.lamport, l.row) >= (?, ?) AND e.words = 0 AND (? <> 0 OR coalesce(a.wish, 0) = 1)" \
                   " AND coalesce(a.whole, 0) = 0 ORDER BY l.lamport, l.row LIMIT 1")

enum cp_sql {
#define X(name, text) CP_SQL_##name,
    CP_SQL_LIST(X)
#undef X
        CP_SQL_COUNT
};

/* SQLite's result as ours; keeps SQLite's words for cp_store_trouble. */
enum cp_err cp_sql_err(struct cp_store *s, int rc);
/* Runs statements without values (schema, pragmas). */
CP_MUST_USE enum cp_err cp_sql_exec(struct cp_store *s, const char *text);
/* Prepares (once), binds; nothing is stepped yet. */
CP_MUST_USE enum cp_err cp_sql_open(struct cp_store *s, enum cp_sql which, sqlite3_stmt **st, const char *format, ...);
/* One row; *row false when there is no more (the statement is then done). */
CP_MUST_USE enum cp_err cp_sql_step(struct cp_store *s, sqlite3_stmt *st, bool *row);
void cp_sql_done(sqlite3_stmt *st); /* NULL is fine */
/* Binds and runs a statement that gives no rows. */
CP_MUST_USE enum cp_err cp_sql_run(struct cp_store *s, enum cp_sql which, const char *format, ...);
/* Binds and takes the first row; *found false when there is none. The caller ends with cp_sql_done. */
CP_MUST_USE enum cp_err cp_sql_one(struct cp_store *s, enum cp_sql which, sqlite3_stmt **st, bool *found,
                                   const char *format, ...);
/* Is there a row? Nothing is left to end. */
CP_MUST_USE enum cp_err cp_sql_has(struct cp_store *s, enum cp_sql which, bool *yes, const char *format, ...);

/* Columns. A disk may hold anything: a blob of another length gives false, and the caller DAMAGED_STORE. */
uint64_t cp_col_u64(sqlite3_stmt *st, int i);
struct cp_bytes cp_col_blob(sqlite3_stmt *st, int i); /* valid until the next step */
bool cp_col_fixed(sqlite3_stmt *st, int i, uint8_t *out, size_t len);

#endif
