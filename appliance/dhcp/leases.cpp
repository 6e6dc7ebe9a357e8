#include "dhcp/leases.h"

#include "dns/office_zones.h"
#include "text/ascii.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <set>

namespace postern::dhcp {

namespace {

using wire::dns::Name;
using wire::dns::Record;

// For as long as somebody else may be told so of an address that another has by then.
constexpr wire::dns::Seconds lease_ttl{60};

std::string_view take(std::string_view& text, char end) {
    auto const at = std::min(text.find(end), text.size());
    auto const piece = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return piece;
}

// "1790000000 52:54:00:12:34:56 192.168.1.100 annas-phone 01:52:54:00:12:34:56"; "*" stands for what is not known.
std::optional<Lease> read_lease(std::string_view line) {
    auto const until = take(line, ' ');
    std::int64_t seconds = 0;
    auto const read = std::from_chars(until.data(), until.data() + until.size(), seconds);
    if (read.ec != std::errc() || read.ptr != until.data() + until.size()) return std::nullopt;
    auto const hardware = take(line, ' ');
    auto const address = dns::IpAddress::parse(take(line, ' '));
    auto const name = take(line, ' ');
    if (!address || !address->is_ipv4() || name.empty()) return std::nullopt;
    return Lease{core::WallTime(std::chrono::seconds(seconds)), std::string(hardware), *address,
                 name == "*" ? "" : text::lower(name)};
}

// RFC 952, RFC 1123 §2.1; and none by which programs look for whom to trust: a device could make itself that (WPAD).
bool is_for_devices(std::string_view label) {
    constexpr std::array<std::string_view, 3> nobodys{"wpad", "isatap", "localhost"};
    return !label.empty() && label.size() <= Name::longest_label && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, [](char c) { return text::is_lower(c) || text::is_digit(c) || c == '-'; }) &&
           !std::ranges::contains(nobodys, label);
}

} // namespace

std::vector<Lease> read_leases(std::string_view file) {
    std::vector<Lease> leases;
    while (!file.empty())
        if (auto lease = read_lease(take(file, '\n'))) leases.push_back(std::move(*lease));
    return leases;
}

std::vector<Record> lease_names(std::span<Lease const> leases, Name const& domain, std::span<Record const> others) {
    std::set<Name> taken;
    for (Name const& name : dns::box_names(domain)) taken.insert(name);
    for (Record const& record : others) taken.insert(record.name);
    std::vector<Lease const*> latest;
    for (Lease const& lease : leases) latest.push_back(&lease);
    auto const is_later = [](Lease const* a, Lease const* b) {
        constexpr core::WallTime for_ever{};
        return a->until != b->until && b->until != for_ever && (a->until == for_ever || a->until > b->until);
    };
    std::ranges::stable_sort(latest, is_later);
    std::vector<Record> records;
    for (Lease const* lease : latest) {
        if (!is_for_devices(lease->name)) continue;
        auto name = Name::parse(lease->name + "." + domain.text());
        if (name && taken.insert(*name).second)
            records.push_back({std::move(*name), lease_ttl, lease->address.record()});
    }
    return records;
}

} // namespace postern::dhcp
