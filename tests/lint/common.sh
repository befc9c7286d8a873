# For the lints, which begin with ". common.sh". They work on the tree at SRCDIR (else the one that they lie in) and
# print FILE:LINE: what is wrong and what to do about it. POSIX sh and awk, as a fresh machine has nothing else.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd -P)
cd "${SRCDIR:-$here/../..}"
name=$(basename "$0")

# The C of the product; with an argument that of the tests too.
c_files() {
    find src probes rules ui ${1+tests} -name '*.[ch]' 2>/dev/null | sort
}

# Our files, not those that a build or autoreconf leaves.
tree_files() {
    find . \( -name .git -o -name 'build' -o -name 'build-*' -o -name autom4te.cache -o -name .deps -o \
        -name _build -o -name _inst -o -name 'pgvigil-[0-9]*' \) -prune -o -type f ! -name '*.o' ! -name '*.a' ! -name '*.log' ! -name '*.trs' \
        ! -name '*~' ! -name '.*.swp' ! -name .dirstamp -print | sed 's,^\./,,' |
        grep -vxE 'aclocal\.m4|ar-lib|compile|config\.(guess|h|h\.in|log|status|sub)|configure|depcomp|install-sh|Makefile|Makefile\.in|missing|stamp-h1|tap-driver\.sh|test-driver' | sort
}

# Reads problems, one a line, and a last line "checked N", which says that the check itself came to its end. The last
# command of each script. To have checked nothing is a failure, unless none-is-fine.
judge() {
    awk -v name="$name" -v fine="${1:-}" '
        /^checked [0-9]+$/ { done = 1; n = $2; next }
        { print; bad++ }
        END {
            if (!done) { print name ": broke off; its awk or a tool failed"; exit 1 }
            if (!n && fine == "") { print name ": found nothing to check"; exit 1 }
            if (bad) { printf "%s: %d to mend\n", name, bad; exit 1 }
            printf "%s: %d checked\n", name, n
        }'
}
