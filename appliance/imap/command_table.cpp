#include "imap/command_table.h"

#include "imap/acl.h"
#include "imap/append.h"
#include "imap/authenticate.h"
#include "imap/compress.h"
#include "imap/copy.h"
#include "imap/esearch.h"
#include "imap/fetch.h"
#include "imap/flags.h"
#include "imap/idle.h"
#include "imap/list.h"
#include "imap/mailboxes.h"
#include "imap/metadata.h"
#include "imap/notify.h"
#include "imap/quota.h"
#include "imap/search.h"
#include "imap/search_contexts.h"
#include "imap/select.h"
#include "imap/sort.h"
#include "office/mailbox_name.h"
#include "text/ascii.h"

#include <algorithm>
#include <array>
#include <utility>

namespace postern::imap {

namespace {

using Body = wire::imap::Command::Body;

// RFC 3501 §6.1.1
asio::awaitable<Answer> capability(Session& session, wire::imap::Capability&) {
    std::string line;
    wire::imap::put_capability(line, session.capabilities());
    session.queue(line);
    co_return ok("Those are the capabilities");
}

// RFC 3501 §6.1.2 and §6.4.1: what happened is told before every answer, and everything is on flash already.
asio::awaitable<Answer> noop(Session&, wire::imap::Noop&) { co_return ok("Nothing done"); }
asio::awaitable<Answer> check(Session&, wire::imap::Check&) { co_return ok("All is kept"); }

// RFC 3501 §6.1.3
asio::awaitable<Answer> log_out(Session& session, wire::imap::Logout&) {
    session.log_out("Goodbye");
    co_return ok("Logged out");
}

// RFC 2971. Where a mask is for such a client, it is told again what there is.
asio::awaitable<Answer> id(Session& session, wire::imap::Id& command) {
    std::pair<std::string, std::string> const self[] = {{"name", "Postern"}};
    std::string line;
    wire::imap::put_id(line, self);
    auto const said = [&](std::string_view field) {
        auto const parameter = std::ranges::find_if(
            command.parameters, [&](auto const& candidate) { return text::iequals(candidate.first, field); });
        return parameter == command.parameters.end() ? std::string() : parameter->second.value_or("");
    };
    if (session.introduce(said("name"), said("version"))) wire::imap::put_capability(line, session.capabilities());
    session.queue(line);
    co_return ok("Pleased to meet you");
}

// RFC 5161 §3.1: what is not known is passed over.
asio::awaitable<Answer> enable(Session& session, wire::imap::Enable& command) {
    std::vector<std::string_view> enabled;
    for (std::string const& name : command.capabilities)
        if (auto const* row = find_extension(name);
            row != nullptr && !session.hides(row->name) && !std::ranges::contains(enabled, row->name)) {
            session.enable(row->extension);
            enabled.push_back(row->name);
        }
    std::string line;
    wire::imap::put_enabled(line, enabled);
    session.queue(line);
    co_return ok("Enabled");
}

// RFC 8437 §4.1: compression would have to end, too, and where a client's does cannot be told from its octets. §3: a
// server that cannot go back to how it began may close, and does not say NO.
asio::awaitable<Answer> unauthenticate(Session& session, wire::imap::Unauthenticate&) {
    if (session.connection().is_compressed())
        co_return Answer{wire::imap::Condition::bye, "Compression does not end before the connection"};
    session.log_off();
    co_return ok("Nobody is logged in any more");
}

// RFC 2342
asio::awaitable<Answer> name_space(Session& session, wire::imap::Namespace&) {
    std::string line;
    wire::imap::put_namespace(line, "", office::other_users_prefix, office::shared_prefix);
    session.queue(line);
    co_return ok("Those are the namespaces");
}

constexpr unsigned before_login = static_cast<unsigned>(State::not_authenticated);
constexpr unsigned when_selected = static_cast<unsigned>(State::selected);
constexpr unsigned logged_in = static_cast<unsigned>(State::authenticated) | when_selected;
constexpr unsigned any_state = before_login | logged_in;

template <typename Command, typename... Alternatives>
constexpr std::size_t index_of(std::variant<Alternatives...> const*) {
    std::size_t index = 0;
    (void)((std::is_same_v<Command, Alternatives> || (++index, false)) || ...);
    return index;
}

template <typename Command, asio::awaitable<Answer> (*action)(Session&, Command&)>
constexpr CommandRow row(unsigned states, std::string_view capability = {}) {
    return {index_of<Command>(static_cast<Body const*>(nullptr)), states,
            [](Session& session, Body& body) { return action(session, std::get<Command>(body)); }, capability};
}

template <typename Command, asio::awaitable<Answer> (*action)(Session&, Command&)>
constexpr CommandRow row_on_messages(std::string_view capability = {}) {
    CommandRow row = imap::row<Command, action>(when_selected, capability);
    row.on_messages = true;
    return row;
}

constexpr std::array table = {
    // RFC 3501 §6.1
    row<wire::imap::Capability, capability>(any_state),
    row<wire::imap::Noop, noop>(any_state),
    row<wire::imap::Logout, log_out>(any_state),
    row<wire::imap::Id, id>(any_state),
    row<wire::imap::Compress, compress>(any_state, "COMPRESS=DEFLATE"), // RFC 4978 §5: command-any
    // §6.2
    row<wire::imap::StartTls, start_tls>(before_login),
    row<wire::imap::Authenticate, authenticate>(before_login),
    row<wire::imap::Login, log_in>(before_login),
    // §6.3
    row<wire::imap::Enable, enable>(logged_in, "ENABLE"),
    row<wire::imap::Select, select>(logged_in),
    row<wire::imap::Create, create>(logged_in),
    row<wire::imap::Delete, remove>(logged_in),
    row<wire::imap::Rename, rename>(logged_in),
    row<wire::imap::Subscribe, subscribe>(logged_in),
    row<wire::imap::Unsubscribe, unsubscribe>(logged_in),
    row<wire::imap::List, list>(logged_in),
    row<wire::imap::Namespace, name_space>(logged_in, "NAMESPACE"),
    row<wire::imap::Unauthenticate, unauthenticate>(logged_in, "UNAUTHENTICATE"),
    row<wire::imap::Status, status>(logged_in),
    row<wire::imap::Append, append>(logged_in),
    row<wire::imap::Idle, idle>(logged_in, "IDLE"),
    row<wire::imap::Esearch, esearch>(logged_in, "MULTISEARCH"),
    row<wire::imap::Notify, notify>(logged_in, "NOTIFY"),
    // RFC 4314 §3
    row<wire::imap::SetAcl, set_acl>(logged_in, "ACL"),
    row<wire::imap::DeleteAcl, delete_acl>(logged_in, "ACL"),
    row<wire::imap::GetAcl, get_acl>(logged_in, "ACL"),
    row<wire::imap::ListRights, list_rights>(logged_in, "ACL"),
    row<wire::imap::MyRights, my_rights>(logged_in, "ACL"),
    // RFC 9208 §4.1
    row<wire::imap::GetQuota, get_quota>(logged_in, "QUOTA"),
    row<wire::imap::GetQuotaRoot, get_quota_root>(logged_in, "QUOTA"),
    row<wire::imap::SetQuota, set_quota>(logged_in, "QUOTASET"),
    // RFC 5464 §4.2, §4.3
    row<wire::imap::GetMetadata, get_metadata>(logged_in, "METADATA"),
    row<wire::imap::SetMetadata, set_metadata>(logged_in, "METADATA"),
    // RFC 3501 §6.4
    row<wire::imap::Check, check>(when_selected),
    row<wire::imap::Close, close>(when_selected),
    row<wire::imap::Unselect, unselect>(when_selected, "UNSELECT"),
    row_on_messages<wire::imap::Expunge, expunge>(),
    row_on_messages<wire::imap::Search, search>(),
    row_on_messages<wire::imap::Sort, sort>("SORT"),
    row_on_messages<wire::imap::Thread, thread>(),
    row<wire::imap::CancelUpdate, cancel_update>(when_selected),
    row_on_messages<wire::imap::Fetch, fetch>(),
    row_on_messages<wire::imap::Store, store_flags>(),
    row_on_messages<wire::imap::Copy, copy>(),
    row_on_messages<wire::imap::Move, move>("MOVE"),
    row_on_messages<wire::imap::Replace, replace>("REPLACE"),
};

// Every command has its row, and one of them.
constexpr bool covers_all_commands() {
    for (std::size_t command = 0; command < std::variant_size_v<Body>; ++command)
        if (std::ranges::count(table, command, &CommandRow::command) != 1) return false;
    return true;
}
static_assert(covers_all_commands());

} // namespace

CommandRow const& row_of(Body const& command) {
    return *std::ranges::find(table, command.index(), &CommandRow::command);
}

bool counts_by_numbers(Body const& command) {
    if (auto const* fetching = std::get_if<wire::imap::Fetch>(&command)) return !fetching->uid;
    if (auto const* storing = std::get_if<wire::imap::Store>(&command)) return !storing->uid;
    if (auto const* searching = std::get_if<wire::imap::Search>(&command)) return !searching->uid;
    if (auto const* sorting = std::get_if<wire::imap::Sort>(&command)) return !sorting->search.uid;
    if (auto const* threading = std::get_if<wire::imap::Thread>(&command)) return !threading->search.uid;
    return false;
}

} // namespace postern::imap
