/* The .sql files of this folder, built into the program so that it needs to find nothing. */
#ifndef TESTS_LAB_SEED_H
#define TESTS_LAB_SEED_H

struct seed_file {
    const char *name;       /* "shop.sql" */
    const char *sql;
};

extern const struct seed_file seed_files[];     /* ended by a NULL name */

#endif
