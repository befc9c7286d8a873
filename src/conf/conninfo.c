/* Is there a password in a conninfo string? libpq alone parses it for good; here a doubt counts as a yes. */
#include "conf/config.h"

#include "base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int hex(char c)
{
    return isdigit((unsigned char)c)    ? c - '0'
           : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
                                        : -1;
}

/* libpq decodes a URI's names too. */
static void decode_percent(char *s)
{
    char *out = s;
    for (; *s; s++) {
        int high = *s == '%' && s[1] ? hex(s[1]) : -1, low = high >= 0 && s[2] ? hex(s[2]) : -1;
        if (low >= 0) {
            *out++ = (char)(high * 16 + low);
            s += 2;
        } else {
            *out++ = *s;
        }
    }
    *out = '\0';
}

/* Covers password and sslpassword; passfile is only a name. */
static bool names_password(const char *s)
{
    for (; (s = strstr(s, "password")); s++) {
        const char *p = s + strlen("password");
        while (isspace((unsigned char)*p))
            p++;
        if (*p == '=')
            return true;
    }
    return false;
}

static bool uri_has_secret(const char *uri)
{
    const char *host = strstr(uri, "://") + 3;
    const char *at = strrchr(host, '@'), *colon = strchr(host, ':');
    if (at && colon && colon < at)
        return true;
    char *plain = mem_string(uri);
    decode_percent(plain);
    bool found = names_password(plain) || strstr(plain, "client_secret");
    mem_wipe(plain, strlen(plain));
    free(plain);
    return found;
}

bool conninfo_has_secret(const char *conninfo)
{
    if (strncmp(conninfo, "postgres://", 11) == 0 || strncmp(conninfo, "postgresql://", 13) == 0)
        return uri_has_secret(conninfo);
    return names_password(conninfo) || strstr(conninfo, "client_secret");
}
