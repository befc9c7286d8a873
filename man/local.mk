# A manual page is prose, man/NAME.in, with the tables of the program itself put in by man/generate; or prose alone.
dist_man_MANS += man/pgvigil-queues.5

noinst_PROGRAMS += man/generate
man_generate_SOURCES = man/generate.c
man_generate_LDADD = $(cmd_ldadd)

man_pages = \
	man/pgvigil.1 \
	man/pgvigil-theme.5 \
	man/pgvigil.yaml.5 \
	man/pgvigil-probes.7 \
	man/pgvigil-rules.7
man_MANS = $(man_pages)
CLEANFILES += $(man_pages)
EXTRA_DIST += \
	man/pgvigil.1.in \
	man/pgvigil-theme.5.in \
	man/pgvigil.yaml.5.in \
	man/pgvigil-probes.7.in \
	man/pgvigil-rules.7.in

$(man_pages): man/generate$(EXEEXT)
man/pgvigil.1: man/pgvigil.1.in
man/pgvigil-theme.5: man/pgvigil-theme.5.in
man/pgvigil.yaml.5: man/pgvigil.yaml.5.in
man/pgvigil-probes.7: man/pgvigil-probes.7.in
man/pgvigil-rules.7: man/pgvigil-rules.7.in
$(man_pages):
	$(AM_V_GEN)$(MKDIR_P) man && man/generate$(EXEEXT) $(srcdir)/$@.in >$@.tmp && mv $@.tmp $@
