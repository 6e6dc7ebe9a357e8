#include "http/browser_sessions.h"

#include "core/crypto.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace postern::http {

namespace {

constexpr std::size_t token_octets = 32;

} // namespace

std::string BrowserSessions::begin(std::string user, std::string mark, core::SteadyTime now) {
    forget(now, user);
    std::string token = random_.hex(token_octets);
    sessions_.insert_or_assign(core::sha256(token),
                               Row{{std::move(user), std::move(mark), random_.hex(token_octets)}, now, now});
    return token;
}

// Those that are over, and what one more would be too many of.
void BrowserSessions::forget(core::SteadyTime now, std::string_view user) {
    std::erase_if(sessions_,
                  [&](auto const& each) { return now - each.second.used > idle || now - each.second.began > longest; });
    auto const forget_oldest = [&](auto const& counts) {
        auto oldest = sessions_.end();
        for (auto each = sessions_.begin(); each != sessions_.end(); ++each)
            if (counts(each->second) && (oldest == sessions_.end() || each->second.used < oldest->second.used))
                oldest = each;
        if (oldest != sessions_.end()) sessions_.erase(oldest);
    };
    auto const is_users = [&](Row const& row) { return row.session.user == user; };
    auto const of_user = std::ranges::count_if(sessions_, is_users, &std::pair<std::string const, Row>::second);
    if (std::cmp_greater_equal(of_user, most_of_user)) forget_oldest(is_users);
    if (sessions_.size() >= most) forget_oldest([](Row const&) { return true; });
}

BrowserSession const* BrowserSessions::find(std::string_view token, core::SteadyTime now) {
    auto const found = sessions_.find(core::sha256(token));
    if (found == sessions_.end()) return nullptr;
    Row& row = found->second;
    if (now - row.used > idle || now - row.began > longest) {
        sessions_.erase(found);
        return nullptr;
    }
    row.used = now;
    return &row.session;
}

void BrowserSessions::end(std::string_view token) { sessions_.erase(core::sha256(token)); }

} // namespace postern::http
