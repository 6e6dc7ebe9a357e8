#include "control/actions.h"
#include "control/daemon.h"
#include "control/servers.h"
#include "core/settings.h"
#include "message/header.h"
#include "store/accounts.h"
#include "store/fetches.h"
#include "store/stubs.h"
#include "text/ascii.h"
#include "text/idn.h"
#include "text/utf8.h"

#include <algorithm>
#include <format>
#include <functional>
#include <utility>

namespace postern::control {

namespace {

using store::FetchProtocol;
using store::FetchSource;

constexpr ServerPorts imap_ports{993, 143}, pop3_ports{995, 110}; // RFC 8314 §3.2, §3.3
constexpr ServerPorts etrn_ports{465, 25}, atrn_ports{465, 366};  // RFC 2645 §4
constexpr std::size_t longest_domains = 400;                      // octets: of one line, which has 512
constexpr std::chrono::seconds shortest_interval{30}, longest_interval{std::chrono::days{7}};
constexpr std::uint64_t most_days = 3650;
constexpr std::uint64_t least_thin = 1024, most_thin = std::uint64_t{1024} * 1024 * 1024;

std::optional<bool> read_flag(std::string_view given) {
    if (given == "yes") return true;
    if (given == "no") return false;
    return std::nullopt;
}

// RFC 5322 §2.2
bool is_field_name(std::string_view name) {
    return !name.empty() && name.size() < 78 &&
           std::ranges::all_of(name, [](char c) { return text::is_visible(c) && c != ':'; });
}

std::optional<std::string> apply_interval(Arguments const& arguments, FetchSource& source) {
    if (auto const given = arguments.option("interval")) {
        auto const seconds = core::parse_seconds(*given);
        if (!seconds || *seconds < shortest_interval || *seconds > longest_interval)
            return std::format("an interval is from 30s to 7d, not {}", *given);
        source.interval = static_cast<std::uint32_t>(seconds->count());
    }
    return std::nullopt;
}

// What of it is given; the rest stays. Nothing: it was done; otherwise a sentence.
std::optional<std::string> apply(Arguments const& arguments, FetchSource& source) {
    if (auto const given = arguments.option("protocol")) {
        if (*given != "imap" && *given != "pop3") return std::format("a protocol is imap or pop3, not {}", *given);
        auto const protocol = *given == "imap" ? FetchProtocol::imap : FetchProtocol::pop3;
        if (std::exchange(source.protocol, protocol) != protocol) source.port = 0;
    }
    if (auto wrong = apply_server(arguments, {source.host, source.port, source.security, source.authority},
                                  source.protocol == FetchProtocol::imap ? imap_ports : pop3_ports, false))
        return wrong;
    if (auto const given = arguments.option("mailbox")) {
        if (given->empty() || !text::is_utf8(*given) || std::ranges::any_of(*given, text::is_control))
            return std::format("{} is no name of a mailbox", *given);
        source.mailbox = *given;
    }
    if (auto const given = arguments.option("sort")) {
        auto const flag = read_flag(*given);
        if (!flag && !is_field_name(*given)) return std::format("sort is yes, no or a header field, not {}", *given);
        source.sorted = flag.value_or(true);
        source.sort_field = flag ? "" : *given;
    }
    if (auto const given = arguments.option("after")) {
        auto const days = core::parse_count(*given);
        if (*given == "keep")
            source.keep_days.reset();
        else if (*given == "delete")
            source.keep_days = 0;
        else if (days && *days > 0 && *days <= most_days)
            source.keep_days = *days;
        else
            return std::format("after is keep, delete, or a number of days up to {}, not {}", most_days, *given);
    }
    if (auto const given = arguments.option("seen")) {
        auto const flag = read_flag(*given);
        if (!flag) return std::format("seen is yes or no, not {}", *given);
        source.mark_seen = *flag;
    }
    if (auto const given = arguments.option("thin")) {
        auto const octets = core::parse_bytes(*given);
        if (*given == "no")
            source.thin.reset();
        else if (octets && *octets >= least_thin && *octets <= most_thin)
            source.thin = *octets;
        else
            return std::format("thin is no, or octets from 1K to 1G, not {}", *given);
    }
    return apply_interval(arguments, source);
}

// "example.org, example.com"; for ETRN also "@example.org" for it and all below, or "#queue" where the server has one
// for us (RFC 1985 §5). The error is a sentence.
std::expected<std::string, std::string> read_nodes(std::string_view given, bool etrn) {
    std::string nodes;
    while (!given.empty()) {
        auto const one = text::trim(given.substr(0, given.find(',')));
        given.remove_prefix(std::min(given.find(','), given.size() - 1) + 1);
        std::string node;
        if (etrn && one.starts_with('#') && one.size() > 1 && std::ranges::all_of(one, text::is_visible)) {
            node = one;
        } else {
            bool const below = etrn && one.starts_with('@');
            auto const domain = text::domain_to_ascii(one.substr(below ? 1 : 0));
            if (!domain) return std::unexpected(std::format("{} is no domain", one));
            node = (below ? "@" : "") + *domain;
        }
        nodes += (nodes.empty() ? "" : ",") + node;
    }
    if (nodes.size() > longest_domains) return std::unexpected("so many domains do not fit into a command");
    return nodes;
}

// The same of a server that keeps mail for us.
std::optional<std::string> apply_keeper(Arguments const& arguments, FetchSource& source) {
    if (auto wrong = apply_server(arguments, {source.host, source.port, source.security, source.authority},
                                  source.protocol == FetchProtocol::etrn ? etrn_ports : atrn_ports, false))
        return wrong;
    if (auto const given = arguments.option("domains")) {
        auto nodes = read_nodes(*given, source.protocol == FetchProtocol::etrn);
        if (!nodes) return nodes.error();
        source.mailbox = std::move(*nodes);
    }
    return apply_interval(arguments, source);
}

// Keeps what `edit` makes of the source of that name, and has it fetched from so.
asio::awaitable<Answer> change_source(Call call, std::string event,
                                      std::function<Outcome(store::WriteTransaction&, std::string const&)> edit) {
    return change_row(std::move(call), std::move(event), "source", std::move(edit),
                      [](Daemon& daemon) { return daemon.fetcher.sources_changed(); });
}

Outcome keep(store::WriteTransaction& transaction, FetchSource const& source) {
    auto const set = store::set_fetch_source(transaction, source);
    if (set) return std::nullopt;
    if (set.error() == store::StoreError::name_invalid)
        return std::format("{}: the name has lower-case letters, digits and dashes", source.name);
    return std::unexpected(set.error());
}

asio::awaitable<Answer> add_keeper(Call call, FetchProtocol protocol) {
    auto arguments = std::make_shared<Arguments>(std::move(call.arguments));
    call.arguments = {};
    call.arguments.put("name", arguments->word("name"));
    co_return co_await change_source(
        std::move(call), "fetch.add",
        [arguments, protocol](store::WriteTransaction& transaction, std::string const& name) -> Outcome {
            auto source = store::find_fetch_source(transaction, name).value_or(FetchSource{});
            if (source.protocol != protocol) {
                source = {};
                source.protocol = protocol;
                source.security = store::RelaySecurity::starttls;
                source.mailbox.clear();
            }
            source.name = name;
            if (auto wrong = apply_keeper(*arguments, source)) return wrong;
            return keep(transaction, source);
        });
}

std::string_view describe_protocol(FetchProtocol protocol) {
    switch (protocol) {
    case FetchProtocol::imap: return "imap";
    case FetchProtocol::pop3: return "pop3";
    case FetchProtocol::etrn: return "etrn";
    case FetchProtocol::atrn: return "atrn";
    }
    return "";
}

std::string describe_after(FetchSource const& source) {
    if (!source.keep_days) return "keep";
    return *source.keep_days == 0 ? "delete" : std::format("{}", *source.keep_days);
}

std::string describe_sort(FetchSource const& source) {
    if (!source.sorted) return "no";
    return source.sort_field.empty() ? "yes" : source.sort_field;
}

// Of all that stays at its provider, one line.
std::string describe_left(fetch::SourceStatus const& status) {
    std::string left;
    for (auto const& [reason, messages] : status.refused)
        left += std::format("{}{}: {}", left.empty() ? "" : "; ", messages, reason);
    return left;
}

} // namespace

asio::awaitable<Answer> add_fetch(Call call) {
    auto arguments = std::make_shared<Arguments>(std::move(call.arguments));
    call.arguments = {};
    call.arguments.put("name", arguments->word("name"));
    co_return co_await change_source(
        std::move(call), "fetch.add",
        [arguments](store::WriteTransaction& transaction, std::string const& name) -> Outcome {
            auto source = store::find_fetch_source(transaction, name).value_or(FetchSource{});
            if (!source.is_mailbox()) source = {};
            source.name = name;
            auto const account = store::find_login(transaction, arguments->word("account"));
            if (!account) return std::format("{}: no such account", arguments->word("account"));
            source.account = *account;
            if (auto wrong = apply(*arguments, source)) return wrong;
            return keep(transaction, source);
        });
}

asio::awaitable<Answer> add_etrn(Call call) { return add_keeper(std::move(call), FetchProtocol::etrn); }
asio::awaitable<Answer> add_atrn(Call call) { return add_keeper(std::move(call), FetchProtocol::atrn); }

asio::awaitable<Answer> set_fetch_login(Call call) {
    auto const password = std::make_shared<core::Secret>(call.arguments.secret("password").clone());
    std::string login = call.arguments.word("login");
    bool const token = call.arguments.flag("token");
    co_return co_await change_source(
        std::move(call), "fetch.login",
        [password, login, token](store::WriteTransaction& transaction, std::string const& name) -> Outcome {
            auto source = store::find_fetch_source(transaction, name);
            if (!source) return std::unexpected(store::StoreError::no_such_fetch_source);
            // Neither protocol can say them.
            if (login.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos ||
                password->reveal().find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
                return "a login and a password have no line ends";
            source->login = login;
            source->password = password->clone();
            source->token = token;
            if (auto const set = store::set_fetch_source(transaction, *source); !set)
                return std::unexpected(set.error());
            return std::nullopt;
        });
}

asio::awaitable<Answer> remove_fetch(Call call) {
    co_return co_await change_source(
        std::move(call), "fetch.remove", [](store::WriteTransaction& transaction, std::string const& name) -> Outcome {
            if (auto const removed = store::remove_fetch_source(transaction, name); !removed)
                return std::unexpected(removed.error());
            return std::nullopt;
        });
}

asio::awaitable<Answer> list_fetches(Call call) {
    struct Row {
        FetchSource source;
        std::string account;
        std::size_t stubs = 0;
        std::uint64_t octets = 0; // of their originals
    };
    auto const found = co_await call.daemon.office.storage.read(
        [](store::ReadTransaction const& transaction) -> store::Result<std::vector<Row>> {
            std::vector<Row> all;
            for (FetchSource& source : store::list_fetch_sources(transaction)) {
                auto const account = store::get_account(transaction, source.account);
                all.push_back({std::move(source), account ? account->login : ""});
            }
            for (store::Stub const& stub : store::list_stubs(transaction))
                if (auto const row =
                        std::ranges::find(all, stub.source, [](Row const& one) { return one.source.name; });
                    row != all.end()) {
                    ++row->stubs;
                    row->octets += stub.size;
                }
            return all;
        });
    if (!found) co_return refused(std::string(store::describe(found.error())));
    auto const status = call.daemon.fetcher.status();
    json::array rows;
    for (auto const& [source, account, stubs, octets] : *found) {
        auto const now = std::ranges::find(status, source.name, &fetch::SourceStatus::name);
        bool const known = now != status.end();
        bool const mailbox = source.is_mailbox();
        rows.push_back({{"name", source.name},
                        {"host", source.host},
                        {"port", source.port},
                        {"protocol", describe_protocol(source.protocol)},
                        {"security", describe_security(source.security)},
                        {"login", source.login},
                        {"mailbox", source.protocol == FetchProtocol::pop3 ? ""
                                    : mailbox || !source.mailbox.empty()   ? source.mailbox
                                                                           : call.daemon.office.domain},
                        {"account", account},
                        {"sort", mailbox ? describe_sort(source) : ""},
                        {"after", mailbox ? describe_after(source) : ""},
                        {"link", known ? policy::describe(now->state) : ""},
                        {"fetched", known ? now->fetched : 0},
                        {"stubs", stubs},
                        {"stub_octets", octets},
                        {"left", known ? describe_left(*now) : ""},
                        {"trouble", known ? now->trouble : ""}});
    }
    co_return rows;
}

asio::awaitable<Answer> test_fetch(Call call) {
    auto const tried = co_await call.daemon.fetcher.test(call.arguments.word("name"));
    if (!tried) co_return refused(tried.error().reason);
    co_return json::object{{"works", *tried}};
}

} // namespace postern::control
