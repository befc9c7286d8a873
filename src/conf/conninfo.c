/* libpq alone parses a conninfo for good. Where it is looked for passwords a doubt counts as a yes. */
#include "conf/conninfo.h"

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int hex(char c)
{
    return isdigit((unsigned char)c)    ? c - '0'
           : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
                                        : -1;
}

static bool is_uri(const char *conninfo)
{
    return strncmp(conninfo, "postgres://", 11) == 0 || strncmp(conninfo, "postgresql://", 13) == 0;
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
    const char *head = strstr(uri, "://"), *host = head ? head + 3 : uri;
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
    if (strstr(conninfo, "://") || !strchr(conninfo, '='))
        return uri_has_secret(conninfo);
    return names_password(conninfo) || strstr(conninfo, "client_secret");
}

/* ---- its parts ---- */

/* The part that a keyword belongs to; NULL: it is of no interest. An address is as good as a name. */
static char *part_of(struct conninfo_parts *out, const char *keyword)
{
    if (strcmp(keyword, "host") == 0 || (strcmp(keyword, "hostaddr") == 0 && !out->host[0]))
        return out->host;
    return strcmp(keyword, "port") == 0      ? out->port
           : strcmp(keyword, "dbname") == 0  ? out->database
           : strcmp(keyword, "service") == 0 ? out->service
                                             : NULL;
}

static void set_part(struct conninfo_parts *out, const char *keyword, const char *value, size_t len)
{
    char *part = part_of(out, keyword);
    bool list = part && part != out->database;
    if (part)
        snprintf(part, CONNINFO_PART, "%.*s", (int)(list ? strcspn(value, ",") : len), value);
}

/* One value, in quotes or not, as it is meant. */
static const char *take_value(const char *at, struct buf *value)
{
    bool quoted = *at == '\'';
    buf_clear(value);
    for (at += quoted; *at && (quoted ? *at != '\'' : !isspace((unsigned char)*at)); at++) {
        if (*at == '\\' && at[1])
            at++;
        buf_putc(value, *at);
    }
    return at + (quoted && *at);
}

static void read_keywords(const char *at, struct conninfo_parts *out)
{
    struct buf value = {0};
    char keyword[32];
    for (;;) {
        at += strspn(at, " \t\n\r");
        size_t len = strcspn(at, "= \t\n\r");
        snprintf(keyword, sizeof(keyword), "%.*s", (int)len, at);
        at += len + strspn(at + len, " \t\n\r");
        if (*at != '=')
            break;
        at++;
        at = take_value(at + strspn(at, " \t\n\r"), &value);
        set_part(out, keyword, buf_text(&value), value.len);
    }
    if (value.data)
        mem_wipe(value.data, value.len);
    buf_free(&value);
}

static void set_decoded(struct conninfo_parts *out, const char *keyword, const char *text, size_t len)
{
    char *plain = mem_bytes(text, len);
    decode_percent(plain);
    set_part(out, keyword, plain, strlen(plain));
    mem_wipe(plain, strlen(plain));
    free(plain);
}

/* SCHEME://[USER[:PASSWORD]@][HOST[:PORT]][/DATABASE][?KEYWORD=VALUE&...]; with an "@" behind a "/" it may be anything. */
static void read_uri(const char *uri, struct conninfo_parts *out)
{
    const char *at = strstr(uri, "://") + 3, *user_end = memchr(at, '@', strcspn(at, "/"));
    at = user_end ? user_end + 1 : at;
    const char *end = at + strcspn(at, "/?");
    if (*end == '/' && memchr(end, '@', strcspn(end, "?")))
        return;
    for (const char *c = at; c < end; c++)
        at = *c == '@' ? c + 1 : at;
    size_t bracket = *at == '[' ? strcspn(at, "]") : 0;
    const char *port = at + bracket + strcspn(at + bracket, ":,/?");
    set_decoded(out, "host", at + (bracket > 0), (size_t)((bracket ? at + bracket : port) - at) - (bracket > 0));
    if (*port == ':')
        set_decoded(out, "port", port + 1, strcspn(port + 1, ",/?"));
    if (*end == '/')
        set_decoded(out, "dbname", end + 1, strcspn(end + 1, "?"));
    at = end + strcspn(end, "?");
    while (*at) {
        char keyword[32];
        size_t name = strcspn(++at, "=&");
        snprintf(keyword, sizeof(keyword), "%.*s", (int)name, at);
        at += name;
        if (*at == '=')
            set_decoded(out, keyword, at + 1, strcspn(at + 1, "&"));
        at += strcspn(at, "&");
    }
}

void conninfo_read(const char *conninfo, struct conninfo_parts *out)
{
    *out = (struct conninfo_parts){.host = ""};
    if (is_uri(conninfo))
        read_uri(conninfo, out);
    else if (strchr(conninfo, '='))
        read_keywords(conninfo, out);
    else
        set_part(out, "dbname", conninfo, strlen(conninfo));
    if (strpbrk(out->database, "=:@"))
        out->database[0] = '\0';        /* a conninfo in place of a name, and there may be a password in it */
}
