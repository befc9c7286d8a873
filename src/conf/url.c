/* An application's URL as it stands in the file or on the command line. Who fetches it reads it for good. */
#include "conf/url.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *after_scheme(const char *url)
{
    return strncasecmp(url, "http://", 7) == 0 ? url + 7 : strncasecmp(url, "https://", 8) == 0 ? url + 8 : NULL;
}

bool url_is_tls(const char *url)
{
    return strncasecmp(url, "https://", 8) == 0;
}

/* Behind user and password; end is where the path begins. */
static const char *host_of(const char *url, const char **end)
{
    const char *at = after_scheme(url);
    *end = at + strcspn(at, "/?#");
    for (const char *c = at; c < *end; c++)
        at = *c == '@' ? c + 1 : at;
    return at;
}

bool url_check(const char *url, struct err *err)
{
    const char *end;
    if (!after_scheme(url))
        return err_set(err, "The URL of an application begins with http:// or https://.");
    if (strlen(url) > URL_MAX)
        return err_set(err, "The URL of an application has at most %d bytes.", URL_MAX);
    for (const char *c = url; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            return err_set(err, "The URL of an application holds a blank or a control character: write it as %%20.");
    const char *host = host_of(url, &end);
    if (host == end || *host == ':')
        return err_set(err, "The URL of an application names no host, as http://127.0.0.1:8080/metrics/database does.");
    return true;
}

void url_place(const char *url, char host[URL_HOST], char port[URL_HOST])
{
    const char *end, *at = host_of(url, &end);
    size_t bracket = *at == '[' ? strcspn(at, "]") : 0, len = bracket + strcspn(at + bracket, ":/?#");
    const char *colon = at + len;
    if (bracket)
        snprintf(host, URL_HOST, "%.*s", (int)(bracket - 1), at + 1);
    else
        snprintf(host, URL_HOST, "%.*s", (int)len, at);
    snprintf(port, URL_HOST, "%.*s", *colon == ':' && colon < end ? (int)(end - colon - 1) : 0, colon + 1);
}

bool url_has_secret(const char *url)
{
    const char *end, *at = after_scheme(url);
    return at && (host_of(url, &end) != at || strchr(at, '?'));
}
