#include "office/mailbox_name.h"

#include "store/mailboxes.h"
#include "text/ascii.h"

namespace postern::office {

namespace {

constexpr std::string_view root_of(std::string_view prefix) { return prefix.substr(0, prefix.size() - 1); }

} // namespace

std::optional<MailboxName> parse_mailbox_name(std::string_view name) {
    if (name == root_of(other_users_prefix) || name == root_of(shared_prefix)) return std::nullopt;
    if (name.starts_with(shared_prefix)) {
        name.remove_prefix(shared_prefix.size());
        if (name.empty() || text::iequals(name.substr(0, name.find('/')), "INBOX")) return std::nullopt;
        return MailboxName{Namespace::shared, {}, name};
    }
    if (name.starts_with(other_users_prefix)) {
        name.remove_prefix(other_users_prefix.size());
        auto const slash = name.find('/');
        if (slash == std::string_view::npos || slash + 1 == name.size()) return std::nullopt;
        return MailboxName{Namespace::other_users, name.substr(0, slash), name.substr(slash + 1)};
    }
    return MailboxName{Namespace::personal, {}, name};
}

std::string to_string(MailboxName const& name) {
    std::string text;
    switch (name.in) {
    case Namespace::personal: break;
    case Namespace::other_users: text.append(other_users_prefix).append(name.login).append("/"); break;
    case Namespace::shared: text = shared_prefix; break;
    }
    return text.append(name.name);
}

std::optional<std::string> canonical_mailbox_name(std::string_view name) {
    if (name.ends_with('/')) name.remove_suffix(1);
    auto parsed = parse_mailbox_name(name);
    if (!parsed) return std::nullopt;
    auto const canonical = store::canonical_name(parsed->name);
    if (!canonical) return std::nullopt;
    parsed->name = *canonical;
    return to_string(*parsed);
}

std::string_view name_above(std::string_view name) {
    auto const end = name.rfind('/');
    return end == std::string_view::npos ? std::string_view() : name.substr(0, end);
}

} // namespace postern::office
