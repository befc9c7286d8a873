# Turns .sql files into the C table of seed.h.
function finish() { if (open) print "    }," }
BEGIN { print "#include \"tests/lab/seed.h\"\n\nconst struct seed_file seed_files[] = {" }
FNR == 1 {
    finish()
    name = FILENAME
    sub(/.*\//, "", name)
    printf "    {\"%s\",\n", name
    open = 1
}
{
    gsub(/\\/, "\\\\")
    gsub(/"/, "\\\"")
    printf "     \"%s\\n\"\n", $0
}
END { finish(); print "    {0, 0},\n};" }
