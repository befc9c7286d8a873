noinst_LIBRARIES += libmodel.a
libmodel_a_SOURCES = \
	src/model/rates.c src/model/rates.h \
	src/model/frame.c src/model/frame.h \
	src/model/schema.c src/model/schema.h \
	src/model/series.c src/model/series.h \
	src/model/store.c src/model/store.h \
	src/model/target.c src/model/target.h
