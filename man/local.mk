dist_man_MANS += man/pgvigil-queues.5
