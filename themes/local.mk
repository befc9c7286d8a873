themesdir = $(pkgdatadir)/themes
dist_themes_DATA = \
	themes/colour-blind-safe.yaml \
	themes/dark.yaml \
	themes/high-contrast.yaml \
	themes/light.yaml \
	themes/mono.yaml
