#include "dns/record_rules.h"

#include "dns/office_zones.h"
#include "dns/special_zones.h"
#include "wire/dns_answer.h"
#include "wire/dns_text.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <iterator>
#include <utility>

namespace postern::dns {

namespace {

using namespace wire::dns;

constexpr std::size_t most_of_one_name = 64;

// What a server that signs or delegates nothing has no use for (RFC 4034, RFC 6672), and what is no data (RFC 6895
// §3.1).
bool is_for_records(Type type) {
    constexpr unsigned unfit[] = {0, 39, 43, 46, 47, 48, 50, 51, 59, 60};
    constexpr unsigned first_meta_type = 128, last_meta_type = 255;
    auto const number = static_cast<unsigned>(type);
    return type != Type::ns && type != Type::soa && type != Type::opt && !std::ranges::contains(unfit, number) &&
           (number < first_meta_type || number > last_meta_type);
}

bool is_ours_to_say(Record const& added, Name const& domain) {
    auto const reverse = private_reverse_zones();
    return added.name.is_within(domain) ||
           std::ranges::any_of(reverse, [&](Name const& zone) { return added.name.is_within(zone); }) ||
           (added.type() == Type::ptr && IpAddress::of_reverse_name(added.name));
}

std::vector<Record> records_of_box(Name const& domain, bool split) {
    OfficeNames box;
    box.domain = domain;
    box.split = split;
    box.box = {IpAddress(A{}), IpAddress(Aaaa{})};
    return std::move(office_zones(box).front().records);
}

// What the box says of its own names, no other may say as well.
bool is_taken_by_box(Record const& added, std::vector<Record> const& box) {
    bool has_name = false, has_type = false;
    for (Record const& own : box) {
        if (own.name != added.name) continue;
        has_name = true;
        has_type = has_type || own.type() == added.type();
    }
    return has_type || (has_name && added.type() == Type::cname);
}

// The name itself if it is there, else the wildcard that answers for it (RFC 4592 §3.3.1).
Name source_of(Name const& name, std::vector<Record> const& all) {
    auto const exists = [&](Name const& asked) {
        return std::ranges::any_of(all, [&](Record const& record) { return record.name.is_within(asked); });
    };
    Name encloser = name;
    while (!encloser.wire().empty() && !exists(encloser)) encloser = *Name::from_wire(parent_of(encloser.wire()));
    return encloser == name ? name : encloser.wildcard_below().value_or(name);
}

// Whether following the aliases leads back.
bool goes_round(Record const& added, std::vector<Record> all) {
    all.push_back(added);
    auto const* alias = std::get_if<Cname>(&added.data);
    for (unsigned i = 0; alias != nullptr && i < alias_limit; ++i) {
        Name const next = source_of(alias->canonical, all);
        if (next == added.name) return true;
        auto const known =
            std::ranges::find_if(all, [&](Record const& one) { return one.name == next && one.type() == Type::cname; });
        alias = known == all.end() ? nullptr : std::get_if<Cname>(&known->data);
    }
    return alias != nullptr;
}

} // namespace

std::string write_record(Record const& record) {
    return std::format("{} {} {}", record.ttl.count(), describe(record.type()), format_data(record.data));
}

std::expected<Record, std::string> read_record(Name const& owner, std::string_view written) {
    std::uint32_t ttl = 0;
    auto const [end, error] = std::from_chars(written.data(), written.data() + written.size(), ttl);
    std::string_view rest(end, written.data() + written.size());
    if (error != std::errc{} || !rest.starts_with(' ')) return std::unexpected("there is no time to live");
    rest.remove_prefix(1);
    auto const type_name = rest.substr(0, rest.find(' '));
    auto const type = parse_type(type_name);
    if (!type || type_name.size() == rest.size()) return std::unexpected("there is no type with data");
    auto data = parse_data(*type, rest.substr(type_name.size() + 1), Name());
    if (!data) return std::unexpected(std::move(data.error()));
    return Record{owner, Seconds(ttl), std::move(*data)};
}

std::vector<Record> read_records(std::string_view owner, std::vector<std::string> const& written) {
    std::vector<Record> records;
    auto const name = Name::parse(owner);
    if (!name) return records;
    for (std::string const& one : written)
        if (auto record = read_record(*name, one)) records.push_back(std::move(*record));
    return records;
}

std::optional<std::string> objection(Record const& added, std::vector<Record> const& others, Name const& domain,
                                     bool split) {
    std::string const name = added.name.text();
    Type const type = added.type();
    if (!is_ours_to_say(added, domain))
        return std::format("{} is not the office's: its names end with {}, or are those of private addresses; of any "
                           "other address a PTR record says what it is called here",
                           name, domain.text());
    if (!is_for_records(type))
        return std::format("records of type {} are not for an administrator to make", describe(type));
    auto all = records_of_box(domain, split);
    if (is_taken_by_box(added, all))
        return std::format("{} is the box's own name, and what it has of type {} follows by itself", name,
                           describe(type));
    std::size_t of_name = 0;
    for (Record const& other : others) {
        if (other.name != added.name || other.data == added.data) continue;
        ++of_name;
        // RFC 2181 §10.1
        if (other.type() == Type::cname)
            return std::format("{} is an alias of {}, and can have nothing besides", name,
                               std::get<Cname>(other.data).canonical.text());
        if (type == Type::cname)
            return std::format("{} has a record of type {}, and an alias can have nothing besides", name,
                               describe(other.type()));
    }
    if (of_name >= most_of_one_name) return std::format("{} has {} records already", name, of_name);
    std::ranges::copy(others, std::back_inserter(all));
    if (type == Type::cname && goes_round(added, std::move(all)))
        return std::format("that alias would lead back to {}", name);
    return std::nullopt;
}

} // namespace postern::dns
