bin_PROGRAMS += pgvigil
pgvigil_SOURCES = src/main.c
pgvigil_LDADD = libmodel.a libbase.a
