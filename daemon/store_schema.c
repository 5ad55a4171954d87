/*
 * The schema of a home's database, column by column (docs/schema.md tells the same at more length).
 * Owns: the words of every CREATE and DROP. Must not: hold a query (store_sql.h) or a value.
 *
 * Two sections. The log is the truth: append-only, migrated with care. The derived tables say what follows from
 * it, name entries by row, and are dropped and made anew by cp_store_rebuild.
 *
 * "sealed" columns are XChaCha20-Poly1305 under the storage key (store_seal.c). "mark" columns are 64-bit keyed
 * hashes: a locked disk shows that two rows have the same mark, never of what. All else is header data: keys,
 * times, lengths, kinds, counts and order, which a locked disk may show. Nothing here leaves the machine as it
 * is stored: what is synced are the entries, built again from their columns.
 */
#include "daemon/store_internal.h"

const char *const cp_schema_log =
    /* One row: what this database is. */
    "CREATE TABLE home ("
    "  one INTEGER PRIMARY KEY CHECK (one = 1),"
    "  incarnation BLOB NOT NULL CHECK (length(incarnation) = 8)," /* of chains begun now */
    "  own_count INTEGER NOT NULL,"     /* own entries ever written here; the marker keeps the same count */
    "  scrub_row INTEGER NOT NULL,"     /* the scrub's place: the last row looked at */
    "  lock_check BLOB"                 /* sealed constant: tells whether a storage key is this home's; NULL: none yet */
    ") STRICT;"
    /* Device keys that signed here. Only in use to know an own entry that is met and not held. */
    "CREATE TABLE own_device ("
    "  device BLOB PRIMARY KEY CHECK (length(device) = 32)"
    ") STRICT, WITHOUT ROWID;"
    /* Plans held or waited for. */
    "CREATE TABLE plan ("
    "  num INTEGER PRIMARY KEY,"
    "  id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),"
    "  rules INTEGER NOT NULL,"         /* rules version in every header written in this plan */
    "  first INTEGER,"                  /* row of the first entry; NULL: waited for, nothing held */
    "  join_box BLOB,"                  /* sealed: our JOIN array, kept so that it can be sent again */
    "  invitation BLOB"                 /* sealed: the invitation's text */
    ") STRICT;"
    /* The plans that a continuation goes back to. */
    "CREATE TABLE line ("
    "  plan INTEGER NOT NULL REFERENCES plan,"
    "  depth INTEGER NOT NULL,"         /* 1: the one it is carried on from; 2: the one that that one was; ... */
    "  id BLOB NOT NULL CHECK (length(id) = 32),"
    "  PRIMARY KEY (plan, depth)"
    ") STRICT, WITHOUT ROWID;"
    /* Persons that entries are by. A table of its own, so that no person id stands open beside a device key. */
    "CREATE TABLE person ("
    "  num INTEGER PRIMARY KEY,"
    "  mark INTEGER NOT NULL UNIQUE,"   /* mark of the person id */
    "  id BLOB NOT NULL"                /* sealed */
    ") STRICT;"
    /* Chains: (plan written in, device, incarnation, class), of the plan that they are kept for. */
    "CREATE TABLE chain ("
    "  num INTEGER PRIMARY KEY,"
    "  plan INTEGER NOT NULL REFERENCES plan,"
    "  device BLOB NOT NULL CHECK (length(device) = 32),"
    "  incarnation BLOB NOT NULL CHECK (length(incarnation) = 8),"
    "  class INTEGER NOT NULL CHECK (class IN (0, 1)),"
    "  person INTEGER NOT NULL REFERENCES person," /* whom the branch that came first is by */
    "  depth INTEGER NOT NULL,"         /* 0: written in this plan; else in the plan of its line at this depth */
    "  UNIQUE (plan, device, incarnation, class, depth)"
    ") STRICT;"
    /*
     * Control frontiers: the greatest control entries of some entry's past, itself included. Interned, because
     * nearly all entries share a few; authority is judged per frontier. Local: follows from the headers.
     */
    "CREATE TABLE frontier ("
    "  num INTEGER PRIMARY KEY,"
    "  members BLOB NOT NULL UNIQUE"    /* rows, ascending, as differences in LEB128 */
    ") STRICT;"
    /*
     * Entries. A header is not stored whole: rules come from the plan, device, incarnation and class from the
     * chain, prev and parents as rows, lengths and body hash from the opened body. Built again it must hash to id.
     * A plan's entries are those of its chains. A continuation holds the past of its heads in chains of its own, so an
     * entry of the plan before has a row for each of the two.
     */
    "CREATE TABLE entry ("
    "  row INTEGER PRIMARY KEY,"        /* order of arrival here */
    "  id BLOB NOT NULL CHECK (length(id) = 32),"
    "  chain INTEGER NOT NULL REFERENCES chain,"
    "  seq INTEGER NOT NULL,"
    "  prev INTEGER NOT NULL,"          /* row of this chain's entry before; 0: none */
    "  parents BLOB NOT NULL,"          /* rows, as distances back from this one, ascending differences, LEB128 */
    "  lamport INTEGER NOT NULL,"
    "  time_ms INTEGER NOT NULL,"       /* a claim */
    "  frontier INTEGER NOT NULL REFERENCES frontier,"
    "  kind INTEGER NOT NULL,"
    "  author INTEGER,"                 /* person; NULL: the chain's (another only on a fork at seq 1) */
    "  words INTEGER NOT NULL CHECK (words IN (0, 1, 2))," /* 0 here; 1 wanted: body damaged, to be fetched again;
                                           2 erased: withdrawn by their author */
    "  body BLOB NOT NULL,"             /* sealed: store_seal.c has the layout. Its length never changes */
    "  UNIQUE (id, chain)"
    ") STRICT;"
    /*
     * Signatures held; without one an entry is proven by a later one of its branch. Beside `entry`, because they
     * come later too: a row of `entry` never changes its length, so SQLite never moves one to another page and
     * leaves a copy behind that nobody would find when its words are erased.
     */
    "CREATE TABLE signature ("
    "  row INTEGER PRIMARY KEY,"
    "  sig BLOB NOT NULL CHECK (length(sig) = 64)"
    ") STRICT;"
    "CREATE INDEX entry_chain ON entry (chain, seq);"
    /* This machine's own notes. Never synced. */
    "CREATE TABLE note ("
    "  mark INTEGER PRIMARY KEY,"       /* mark of the key */
    "  value BLOB NOT NULL"             /* sealed */
    ") STRICT;";

/* Bytes of attachments: neither entries nor derived. What they are follows from the entry; what is here does not. */
const char *const cp_schema_pieces =
    "CREATE TABLE attachment ("
    "  num INTEGER PRIMARY KEY,"
    "  id BLOB NOT NULL UNIQUE CHECK (length(id) = 32)," /* of the ATTACHMENT entry, in whichever plans hold it */
    "  wish INTEGER NOT NULL CHECK (wish IN (0, 1))," /* 1: somebody here asked for it, or attached it here */
    "  bytes INTEGER NOT NULL,"         /* of the pieces that are here, before sealing */
    "  pieces INTEGER NOT NULL,"        /* how many are here */
    "  whole INTEGER NOT NULL CHECK (whole IN (0, 1))" /* 1: all of them */
    ") STRICT;"
    "CREATE TABLE piece ("
    "  num INTEGER PRIMARY KEY,"
    "  attachment INTEGER NOT NULL REFERENCES attachment,"
    "  number INTEGER NOT NULL,"        /* from 0 */
    "  body BLOB NOT NULL,"             /* sealed: 64 KiB, the last one what is left. Written once, or dropped */
    "  UNIQUE (attachment, number)"
    ") STRICT;";

const char *const cp_schema_derived =
    /* Which entries touch a record, and which of their ops still stand. */
    "CREATE TABLE touch ("
    "  target INTEGER NOT NULL,"        /* mark of the record's id */
    "  row INTEGER NOT NULL,"
    "  left INTEGER NOT NULL,"          /* bit i: op i is current; bit 63: always opened (CP_LEFT_ALWAYS, items) */
    "  PRIMARY KEY (target, row)"
    ") STRICT, WITHOUT ROWID;"
    /* Replacements of writes that are not held yet. */
    "CREATE TABLE dangling ("
    "  mark INTEGER NOT NULL,"          /* mark of the missing entry's id */
    "  row INTEGER NOT NULL,"           /* the entry that names it */
    "  PRIMARY KEY (mark, row)"
    ") STRICT, WITHOUT ROWID;"
    /* Entries by kind in (lamport, id) order, all but SET, of which there are many and nobody lists them. */
    "CREATE TABLE listed ("
    "  plan INTEGER NOT NULL,"
    "  kind INTEGER NOT NULL,"
    "  lamport INTEGER NOT NULL,"
    "  row INTEGER NOT NULL,"
    "  PRIMARY KEY (plan, kind, lamport, row)"
    ") STRICT, WITHOUT ROWID;"
    /* Entries that no held entry of their class cites. */
    "CREATE TABLE head ("
    "  plan INTEGER NOT NULL,"
    "  class INTEGER NOT NULL,"
    "  row INTEGER NOT NULL,"
    "  PRIMARY KEY (plan, class, row)"
    ") STRICT, WITHOUT ROWID;"
    /* The last entry held of each branch of a chain. */
    "CREATE TABLE tip ("
    "  chain INTEGER NOT NULL,"
    "  row INTEGER NOT NULL,"
    "  PRIMARY KEY (chain, row)"
    ") STRICT, WITHOUT ROWID;"
    /* Admissions that count (rule R1): ADMITs whose JOIN verifies and whose INVITE they saw; the first entry. */
    "CREATE TABLE admission ("
    "  mark INTEGER NOT NULL,"          /* mark of the device key */
    "  row INTEGER NOT NULL,"
    "  person INTEGER NOT NULL,"
    "  PRIMARY KEY (mark, row)"
    ") STRICT, WITHOUT ROWID;"
    /* Entries that a WITHDRAW names whose signature is good; whether it counts is judged when both are here. */
    "CREATE TABLE withdrawal ("
    "  mark INTEGER NOT NULL,"          /* mark of the entry's id */
    "  row INTEGER NOT NULL,"           /* the WITHDRAW */
    "  PRIMARY KEY (mark, row)"
    ") STRICT, WITHOUT ROWID;"
    /* Entries without effect: of a device that was reported lost, beyond the cut, or that does not stand. */
    "CREATE TABLE void ("
    "  row INTEGER PRIMARY KEY,"
    "  plan INTEGER NOT NULL"
    ") STRICT;"
    /* Counts of a plan. */
    "CREATE TABLE tally ("
    "  plan INTEGER PRIMARY KEY,"
    "  entries INTEGER NOT NULL,"
    "  newer INTEGER NOT NULL,"         /* content without effect: made with a newer coplan */
    "  wanted INTEGER NOT NULL"
    ") STRICT;";

/* Version 2 to 3: rows of `chain` say at which depth they were written, and an id may stand once in each plan's chains. */
const char *const cp_schema_from_2 =
    "PRAGMA legacy_alter_table = ON;"
    "ALTER TABLE chain RENAME TO chain_2; ALTER TABLE entry RENAME TO entry_2; DROP INDEX entry_chain;"
    "ALTER TABLE home RENAME TO home_2; ALTER TABLE own_device RENAME TO own_device_2; ALTER TABLE plan RENAME TO plan_2;"
    "ALTER TABLE person RENAME TO person_2; ALTER TABLE frontier RENAME TO frontier_2;"
    "ALTER TABLE signature RENAME TO signature_2; ALTER TABLE note RENAME TO note_2;";
const char *const cp_schema_fill_from_2 =
    "INSERT INTO home SELECT * FROM home_2; INSERT INTO own_device SELECT * FROM own_device_2;"
    "INSERT INTO plan SELECT * FROM plan_2; INSERT INTO person SELECT * FROM person_2;"
    "INSERT INTO frontier SELECT * FROM frontier_2; INSERT INTO signature SELECT * FROM signature_2;"
    "INSERT INTO note SELECT * FROM note_2;"
    "INSERT INTO chain SELECT num, plan, device, incarnation, class, person, 0 FROM chain_2;"
    "INSERT INTO entry SELECT * FROM entry_2;"
    "DROP TABLE entry_2; DROP TABLE chain_2; DROP TABLE home_2; DROP TABLE own_device_2; DROP TABLE plan_2;"
    "DROP TABLE person_2; DROP TABLE frontier_2; DROP TABLE signature_2; DROP TABLE note_2;"
    "PRAGMA legacy_alter_table = OFF;";

/* A home made before this table was: it held nothing void, since REVOKE had no effect. */
const char *const cp_schema_later = "CREATE TABLE IF NOT EXISTS void (row INTEGER PRIMARY KEY, plan INTEGER NOT NULL) STRICT;";

const char *const cp_schema_drop =
    "DROP TABLE IF EXISTS touch; DROP TABLE IF EXISTS dangling; DROP TABLE IF EXISTS listed;"
    "DROP TABLE IF EXISTS head; DROP TABLE IF EXISTS tip; DROP TABLE IF EXISTS admission;"
    "DROP TABLE IF EXISTS withdrawal; DROP TABLE IF EXISTS void; DROP TABLE IF EXISTS tally;";
