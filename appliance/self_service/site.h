// What people do for themselves, signed in by a browser: change their password, see which devices are signed in. By TLS
// alone. On the network thread.
//
// - A password is checked as that of a mail program is (office/login.h), and costs a guesser as much.
// - What changes something comes from a page of ours (http::is_from_own_page), and with the token that this has.
// - A session ends with the password that it began with, whoever changed it.
#pragma once

#include "http/browser_sessions.h"
#include "http/site.h"
#include "office/office.h"

#include <string>
#include <vector>

namespace postern::self_service {

// `office` and `sessions` outlive the routes. `secure_url`: "https://mail.office.lan", where they are; `setup_url`:
// where a device is set up.
[[nodiscard]] std::vector<http::Route> routes(office::Office& office, http::BrowserSessions& sessions,
                                              std::string secure_url, std::string setup_url);

} // namespace postern::self_service
