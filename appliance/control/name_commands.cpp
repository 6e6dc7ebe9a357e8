#include "control/actions.h"
#include "control/daemon.h"
#include "core/settings.h"
#include "dns/office_zones.h"
#include "dns/record_rules.h"
#include "store/audit.h"
#include "store/dns_names.h"
#include "text/ascii.h"
#include "text/idn.h"
#include "wire/dns_text.h"

#include <algorithm>
#include <expected>
#include <format>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace postern::control {

namespace {

namespace wire_dns = wire::dns;
using store::DnsName;
using wire_dns::Name;
using wire_dns::Record;

constexpr std::size_t most_names = 10'000;

// "printer", "printer.office.lan", "@", "20.1.168.192.in-addr.arpa", any of these with "*." before it, or "*"; the
// error is a sentence. What is kept is text() of it.
std::expected<Name, std::string> read_owner(std::string_view written, Name const& domain) {
    if (written == "@") return domain;
    if (written == "*" || (written.starts_with("*.") && !written.substr(2).starts_with('*'))) {
        auto const above = read_owner(written == "*" ? "@" : written.substr(2), domain);
        if (!above) return above;
        if (auto const wildcard = above->wildcard_below()) return *wildcard;
        return std::unexpected(std::format("{} is too long", written));
    }
    bool const is_whole = written.ends_with('.');
    auto const ascii = text::domain_to_ascii(written);
    auto const name = ascii ? Name::parse(*ascii) : std::nullopt;
    if (!name)
        return std::unexpected(
            std::format("{} is no name: letters, digits, dashes and underscores, with dots between; an asterisk stands "
                        "alone and at the beginning",
                        written));
    static Name const reverse[] = {*Name::parse("in-addr.arpa"), *Name::parse("ip6.arpa")};
    if (is_whole || name->is_within(domain) ||
        std::ranges::any_of(reverse, [&](Name const& zone) { return name->is_within(zone); }))
        return *name;
    auto const below = Name::parse(*ascii + "." + domain.text());
    if (!below) return std::unexpected(std::format("{} is too long", written));
    return *below;
}

// Words of the command line are what a zone's file would have, but that a shell took away the quotes.
std::string join(wire_dns::Type type, std::vector<std::string> const& words) {
    std::string joined;
    bool const is_octets = words.front() == "\\#";
    for (std::string const& word : words) {
        bool const to_quote = type == wire_dns::Type::txt && !is_octets && !word.starts_with('"');
        joined += (joined.empty() ? "" : " ") + (to_quote ? wire_dns::quote(word) : word);
    }
    return joined;
}

std::vector<Record> records_of(std::vector<DnsName> const& names) {
    std::vector<Record> records;
    for (DnsName const& name : names)
        std::ranges::move(dns::read_records(name.name, name.records), std::back_inserter(records));
    return records;
}

Outcome keep(store::WriteTransaction& transaction, DnsName const& name) {
    if (auto const kept = store::set_dns_name(transaction, name); !kept) return std::unexpected(kept.error());
    return std::nullopt;
}

Outcome add(store::WriteTransaction& transaction, Record const& added, Name const& domain, bool split) {
    auto const names = store::list_dns_names(transaction);
    if (auto wrong = dns::objection(added, records_of(names), domain, split)) return wrong;
    DnsName name{added.name.text(), {}};
    if (auto known = std::ranges::find(names, name.name, &DnsName::name); known != names.end())
        name = *known;
    else if (names.size() >= most_names)
        return std::format("there are {} names already", names.size());
    std::vector<std::string> records;
    for (std::string const& written : name.records) {
        auto other = dns::read_record(added.name, written);
        if (other && other->data == added.data) continue;
        // RFC 2181 §5.2
        if (other && other->type() == added.type()) other->ttl = added.ttl;
        records.push_back(other ? dns::write_record(*other) : written);
    }
    records.push_back(dns::write_record(added));
    name.records = std::move(records);
    return keep(transaction, name);
}

Outcome remove(store::WriteTransaction& transaction, Name const& owner, std::optional<wire_dns::Type> type,
               std::optional<wire_dns::Data> const& data) {
    auto name = store::find_dns_name(transaction, owner.text());
    auto const is_meant = [&](std::string const& written) {
        auto const record = dns::read_record(owner, written);
        if (!type) return true;
        return record && record->type() == *type && (!data || record->data == *data);
    };
    if (!name || std::erase_if(name->records, is_meant) == 0)
        return std::format("there is no such record of {}; `postern name list` shows them all", owner.text());
    return keep(transaction, *name);
}

asio::awaitable<Answer> change_name(Call call, std::string event, std::string detail,
                                    std::function<Outcome(store::WriteTransaction&)> edit) {
    auto& daemon = call.daemon;
    auto const outcome = co_await daemon.office.storage.write(
        [event, detail, edit = std::move(edit), caller = call.caller,
         now = daemon.office.clock.wall()](store::WriteTransaction& transaction) -> Outcome {
            auto reason = edit(transaction);
            if (!reason || *reason) return reason;
            auto const noted = store::audit(transaction, event, std::format("{} by={}", detail, caller), now);
            if (!noted) return std::unexpected(noted.error());
            return std::nullopt;
        });
    if (!outcome || *outcome) co_return answer(outcome, detail);
    if (auto const applied = daemon.names_changed(); !applied)
        co_return refused(std::format("it is kept, but cannot be read: {}", store::describe(applied.error())));
    co_return nullptr;
}

std::string unknown_type(std::string_view written) {
    return std::format("{} is no type of records that is known here; any is written as TYPE and its number, such as "
                       "TYPE65",
                       written);
}

std::optional<Name> domain_of(Daemon const& daemon) { return Name::parse(daemon.office.domain); }

} // namespace

asio::awaitable<Answer> add_name(Call call) {
    Name const domain = domain_of(call.daemon).value_or(Name());
    auto const owner = read_owner(call.arguments.word("name"), domain);
    if (!owner) co_return refused(owner.error());
    std::string const& type_name = call.arguments.word("type");
    auto const type = wire_dns::parse_type(type_name);
    if (!type) co_return refused(unknown_type(type_name));
    bool const leads = type == wire_dns::Type::a || type == wire_dns::Type::aaaa || type == wire_dns::Type::cname;
    if (auto const host = call.daemon.office.settings->text("tls.host");
        leads && !host.empty() && Name::parse(host) == *owner)
        co_return refused(std::format("{} is the box's own name, by the setting tls.host", host));
    auto data = wire_dns::parse_data(*type, join(*type, call.arguments.words("data")), domain);
    if (!data) co_return refused(data.error());
    wire_dns::Seconds ttl = dns::usual_ttl;
    if (auto const given = call.arguments.option("ttl")) {
        constexpr std::chrono::seconds longest = std::chrono::days(7); // RFC 8767 §4
        auto const seconds = core::parse_seconds(*given);
        if (!seconds || *seconds > longest)
            co_return refused(std::format("a time to live is one such as 300 or 1h, up to 7d, not {}", *given));
        ttl = wire_dns::Seconds(static_cast<std::uint32_t>(seconds->count()));
    }
    Record const added{*owner, ttl, std::move(*data)};
    bool const split = call.daemon.office.settings->flag("dns.split");
    std::string detail = std::format("name={} record=\"{}\"", owner->text(), dns::write_record(added));
    co_return co_await change_name(std::move(call), "name.add", std::move(detail),
                                   [added, domain, split](store::WriteTransaction& transaction) {
                                       return add(transaction, added, domain, split);
                                   });
}

asio::awaitable<Answer> remove_name(Call call) {
    Name const domain = domain_of(call.daemon).value_or(Name());
    auto const owner = read_owner(call.arguments.word("name"), domain);
    if (!owner) co_return refused(owner.error());
    auto words = call.arguments.has("record") ? call.arguments.words("record") : std::vector<std::string>();
    std::string detail = std::format("name={}", owner->text());
    std::optional<wire_dns::Type> type;
    std::optional<wire_dns::Data> data;
    if (!words.empty()) {
        type = wire_dns::parse_type(words.front());
        if (!type) co_return refused(unknown_type(words.front()));
        detail += std::format(" type={}", wire_dns::describe(*type));
        words.erase(words.begin());
    }
    if (!words.empty()) {
        auto read = wire_dns::parse_data(*type, join(*type, words), domain);
        if (!read) co_return refused(read.error());
        data = std::move(*read);
        detail += std::format(" data=\"{}\"", wire_dns::format_data(*data));
    }
    co_return co_await change_name(std::move(call), "name.remove", std::move(detail),
                                   [owner = *owner, type, data](store::WriteTransaction& transaction) {
                                       return remove(transaction, owner, type, data);
                                   });
}

asio::awaitable<Answer> list_names(Call call) {
    auto const found = co_await call.daemon.office.storage.read(
        [](store::ReadTransaction const& transaction) -> store::Result<std::vector<DnsName>> {
            return store::list_dns_names(transaction);
        });
    if (!found) co_return refused(std::string(store::describe(found.error())));
    json::array rows;
    for (Record const& record : records_of(*found))
        rows.push_back({{"name", record.name.text()},
                        {"ttl", record.ttl.count()},
                        {"type", wire_dns::describe(record.type())},
                        {"data", wire_dns::format_data(record.data)}});
    co_return rows;
}

asio::awaitable<Answer> list_leases(Call call) {
    constexpr core::WallTime for_ever{};
    json::array rows;
    for (dhcp::Lease const& lease : call.daemon.leases())
        rows.push_back({{"address", lease.address.text()},
                        {"name", lease.name},
                        {"hardware", lease.hardware},
                        {"until", lease.until == for_ever ? json::value() : json::value(written(lease.until))}});
    co_return rows;
}

} // namespace postern::control
