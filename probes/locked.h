/* SQL that finds tables under AccessExclusiveLock, held or waited for: on the table, an index of it, or its TOAST
 * table; REINDEX locks the index alone. Row locks (locktype tuple) do not count. Reads the lock table once. */
#ifndef PROBES_LOCKED_H
#define PROBES_LOCKED_H

#define LOCKED_SQL                                                                                            \
    "locked AS MATERIALIZED (SELECT DISTINCT l.relation FROM pg_locks l WHERE l.locktype = 'relation'"        \
    " AND l.mode = 'AccessExclusiveLock'"                                                                     \
    " AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))"

/* table: alias of pg_class. Stands in a query WITH the above. */
#define IS_LOCKED_SQL(table)                                                                                  \
    "(" table ".oid IN (SELECT relation FROM locked) OR " table ".reltoastrelid IN (SELECT relation FROM locked)" \
    " OR EXISTS (SELECT FROM pg_index i JOIN locked k ON k.relation = i.indexrelid"                           \
    " WHERE i.indrelid = " table ".oid OR i.indrelid = " table ".reltoastrelid))"

#endif
