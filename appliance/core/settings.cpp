#include "core/settings.h"

#include "core/words.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <limits>
#include <stdexcept>

namespace postern::core {

namespace {

constexpr std::uint64_t K = 1024, M = K * K, G = K * M;
constexpr std::uint64_t hour = 3600, day = 24 * hour;
constexpr std::uint64_t longest_time = 36500 * day; // a time that can be added to any other

// By name. Text and lists have no bounds; a flag is yes or no.
constexpr SettingRow settings[] = {
    {"account.message_quota", SettingType::count, "0", 0, 1'000'000'000,
     "How many messages an account may hold that has no limit of its own; 0 means any number."},
    {"account.quota", SettingType::bytes, "0", 0, 1024 * G,
     "How much mail an account may hold that has no limit of its own; 0 means as much as the disk does."},
    {"acme.contact", SettingType::text, "", 0, 0,
     "The mail address that the public authority of acme.directory is told; empty: none."},
    {"acme.directory", SettingType::text, "", 0, 0,
     "The public authority of which the box gets its certificate by itself, such as "
     "https://acme-v02.api.letsencrypt.org/directory, whose terms are agreed to so; empty: none."},
    {"acme.dns_key_name", SettingType::text, "", 0, 0,
     "What the name server calls the key by which it is told what proves that the names are ours; `postern acme key` "
     "gives the key itself."},
    {"acme.dns_server", SettingType::text, "", 0, 0,
     "The name server in the internet that has the zone of these names and takes signed updates (RFC 2136): a name or "
     "address, with #port if that is not 53."},
    {"acme.dns_wait", SettingType::seconds, "30s", 0, 3600,
     "How long the zone's other name servers have to learn of it before the public authority looks."},
    {"acme.hook", SettingType::text, "", 0, 0,
     "In place of acme.dns_server: a program that puts what proves it where it belongs, as uacme(1) calls its hooks."},
    {"backup.directory", SettingType::text, "", 0, 0,
     "Where `postern backup --scheduled` makes backups: a directory on a medium that stays in; empty: nowhere."},
    {"backup.interval", SettingType::seconds, "1d", 60 * 60, 365 * day,
     "How old the last one may become until another is made; three times that, and it is an error in the log."},
    {"backup.keep", SettingType::count, "7", 1, 10000, "How many of them are kept there."},
    {"backup.key", SettingType::text, "", 0, 0,
     "The file with the key that they are encrypted with, as `postern backup-key` makes it; empty: they are not."},
    {"connection.per_address", SettingType::count, "200", 1, 1000000,
     "How many connections one address may have at a time."},
    {"connection.total", SettingType::count, "2000", 1, 1000000, "How many connections there may be at a time."},
    {"dhcp.lease_time", SettingType::seconds, "12h", 120, 30 * day,
     "How long an address that was handed out may be used before it is asked for again."},
    {"dhcp.range", SettingType::text, "", 0, 0,
     "Addresses to be handed out, such as 192.168.1.100-192.168.1.199; empty means some in the network that the box is "
     "in."},
    {"dhcp.router", SettingType::text, "", 0, 0,
     "Which router devices are told to use: an address, or none; empty means the one that the box itself uses."},
    {"dhcp.serve", SettingType::flag, "no", 0, 0,
     "Whether the box hands out addresses (DHCP), for a network in which no router does so; the names of devices "
     "appear "
     "in the office's domain then, unless that is in the internet as well (dns.split)."},
    {"dns.cache", SettingType::bytes, "8M", 64 * K, G,
     "How much memory what name servers outside answered may take; some 500 octets an answer."},
    {"dns.lookups", SettingType::count, "1000", 10, 100000,
     "How many questions of clients may wait at a time for a name server outside; who asks beyond that is told to ask "
     "again later."},
    {"dns.lookups_per_address", SettingType::count, "200", 10, 100000,
     "How many of these questions may be of one client."},
    {"dns.private_domains", SettingType::list, "", 0, 0,
     "Domains outside whose names may have addresses inside, with all below them, such as home.example, or the zones "
     "of "
     "DNS blocklists; of others such addresses are withheld."},
    {"dns.rate", SettingType::count, "1000", 0, 1000000,
     "How many answers a second are sent to one address that may not have asked for them; ten times that at once. 0 "
     "means any number."},
    {"dns.servers", SettingType::name_servers, "", 0, 0,
     "Name servers to ask, the fastest first: addresses, address#port, or tls://address/name for one that speaks TLS "
     "and shows a certificate for that name; empty means those of /etc/resolv.conf."},
    {"dns.split", SettingType::flag, "no", 0, 0,
     "Whether the office's domain is in the internet as well, where names are looked up that are not known here."},
    {"fetch.message_size_limit", SettingType::bytes, "150M", 64 * K, G,
     "The largest message fetched from a provider; larger ones stay there."},
    {"imap.append_limit", SettingType::bytes, "50M", M, G, "The largest message that a mail client may store by IMAP."},
    {"imap.idle_timeout", SettingType::seconds, "30m", 30 * 60, day,
     "How long a mail client may stay silent (RFC 3501 section 5.4 demands 30 minutes)."},
    {"imap.login_timeout", SettingType::seconds, "1m", 10, 10 * 60,
     "How long an IMAP connection may stay silent before it has logged in."},
    {"imap.masks", SettingType::masks, "", 0, 0,
     "What clients with a fault are not shown, and why: client NAME/VERSION: CAPABILITY (REASON); account LOGIN: "
     "CAPABILITY (REASON). A version is what it begins with, and may be left out. `postern mask list` shows all "
     "rules."},
    {"imap.progress_interval", SettingType::seconds, "10s", 1, 5 * 60,
     "How often a mail client is told how far a command is that takes long (RFC 9585 section 4 asks for 10 to 15 "
     "seconds)."},
    {"link.day_budget", SettingType::bytes, "0", 0, 1024 * G,
     "How many octets a day may go to and come from outside over links that are metered; 0 means any number."},
    {"link.hold", SettingType::flag, "no", 0, 0,
     "Whether mail for outside stays here, whatever the link is like; `postern link hold` and `postern link auto` set "
     "it."},
    {"link.large_by_metered", SettingType::flag, "yes", 0, 0,
     "Whether mail of more than 64K may leave by a metered link, or waits for another."},
    {"link.metered", SettingType::list, "", 0, 0,
     "The network interfaces whose octets cost something, such as wwan0; empty means all."},
    {"link.month_budget", SettingType::bytes, "0", 0, 1024 * G,
     "How many octets a month may go to and come from outside over links that are metered; 0 means any number."},
    {"link.schedule", SettingType::schedule, "", 0, 0,
     "When the link to the outside may be used, such as mon-fri 08:00-18:00, sat 09:00-12:30, or 22:00-06:00; empty "
     "means always."},
    {"login.allow_plaintext", SettingType::flag, "no", 0, 0,
     "Whether passwords may cross the network without TLS, for devices too old for it."},
    {"login.certificates", SettingType::flag, "no", 0, 0,
     "Whether mail programs are asked for a certificate by which they can log in without a password (`postern account "
     "certificate` makes one); some then show their users a question that these cannot answer."},
    {"login.iterations", SettingType::count, "15000", 4096, 1000000,
     "How often a new password is hashed (RFC 7677 section 4); more is safer and slower."},
    {"mail.administrator", SettingType::text, "", 0, 0,
     "The account that gets mail for postmaster and abuse; empty means the first administrator."},
    {"mail.local_domains", SettingType::list, "", 0, 0,
     "Domains whose mail is for the accounts here, besides the office's own."},
    {"memory.ceiling", SettingType::bytes, "192M", 32 * M, 1024 * G,
     "How much memory clients can make the box hold; beyond it they are asked to come back later."},
    {"menu.lcd_locked", SettingType::flag, "no", 0, 0,
     "Whether the box's display only shows how it is doing, and its keys change nothing."},
    {"network.address", SettingType::text, "dhcp", 0, 0,
     "The box's own address with its network, such as 192.168.1.2/24; dhcp: the one that a router gives it."},
    {"network.interface", SettingType::text, "", 0, 0,
     "Which network interface has the box's own address, such as eth1; empty: where it is fixed the first wired one "
     "into "
     "which a cable is plugged, else all."},
    {"network.router", SettingType::text, "", 0, 0,
     "The router by which the box reaches the internet, where its own address is fixed; empty: none."},
    {"office.language", SettingType::text, "en", 0, 0, "The language of the menu at the box: en, de, fr, es or ru."},
    {"pop3.idle_timeout", SettingType::seconds, "10m", 10 * 60, day,
     "How long a POP3 client may stay silent (RFC 1939 section 3 demands 10 minutes)."},
    {"pop3.lock_wait", SettingType::seconds, "10s", 0, 60,
     "How long a POP3 login waits for another POP3 session of the account to end before it is refused."},
    {"queue.delay_notice", SettingType::seconds, "4h", 60, 365 * day,
     "How long a message may wait because a server outside puts it off until its sender is told; the time without "
     "internet is not counted."},
    {"queue.expiry", SettingType::seconds, "5d", 60, 365 * day,
     "How long a message that a server outside puts off is tried before it is returned to its sender; the time without "
     "internet is not counted."},
    {"queue.outage_notice", SettingType::seconds, "6h", 60, 365 * day,
     "How long a message may wait for the internet, or for a relay that takes no mail, until its sender is told that "
     "it is "
     "safe and will leave."},
    {"queue.wall_limit", SettingType::seconds, "0", 0, 3650 * day,
     "How long a message may wait in all, whatever for and the time without internet counted, until it is returned to "
     "its sender; 0: as long as it takes."},
    {"smtp.accept_from", SettingType::list, "private", 0, 0,
     "Networks from which port 25 takes mail: addresses, ranges like 203.0.113.0/24, private, or any. A server "
     "elsewhere that "
     "proves who it is is named by `postern upstream add` instead."},
    {"smtp.command_limit", SettingType::count, "1000", 20, 1000000,
     "How many SMTP commands, recipients not counted, a client may give without a message being accepted."},
    {"smtp.error_limit", SettingType::count, "50", 3, 10000,
     "After how many refused SMTP commands, without a message being accepted, a client is shown the door."},
    {"smtp.hop_limit", SettingType::count, "100", 10, 1000,
     "A message that passed more servers than this goes round in a loop, and is refused (RFC 5321 section 6.3)."},
    {"smtp.idle_timeout", SettingType::seconds, "5m", 10, day,
     "How long an SMTP client may stay silent (RFC 5321 section 4.5.3.2.7 asks for 5 minutes)."},
    {"smtp.line_limit", SettingType::bytes, "64K", 998, 16 * M,
     "The longest line of a message. The standard says 998; programs that send more are common."},
    {"smtp.message_size_limit", SettingType::bytes, "50M", 64 * K, G, "The largest message taken by SMTP."},
    {"smtp.recipient_limit", SettingType::count, "1000", 100, 100000,
     "How many recipients a message may have (RFC 5321 section 4.5.3.1.8 asks for 100)."},
    {"submission.file_sent", SettingType::flag, "no", 0, 0,
     "Whether what people send is put into their mailbox for sent mail, too, without a second copy from their client."},
    {"submission.hold_limit", SettingType::seconds, "90d", 0, 3650 * day,
     "How long beforehand people may give a message that is to leave later (RFC 4865); 0: not at all."},
    {"tls.authority_overlap", SettingType::seconds, "90d", day, 3650 * day,
     "How long devices have to learn of the office's next certificate authority until that signs, and those that did "
     "not "
     "are warned."},
    {"tls.host", SettingType::text, "", 0, 0,
     "The name by which clients are told to know the box, such as mail.firm.example, for which there is a certificate "
     "of "
     "the administrator's; the name server answers it in the office. Empty means mail. and the office's domain."},
    {"trace.keep", SettingType::seconds, "30d", day, 3650 * day,
     "How long it is kept at most what became of which mail, for `postern trace`."},
    {"trace.size", SettingType::bytes, "4M", 256 * K, G,
     "How large a record of what became of mail is kept at most, for `postern trace`; 4M is enough for some twenty "
     "thousand messages."},
};

struct Unit {
    char letter;
    std::uint64_t factor;
};
constexpr Unit byte_units[] = {{'K', K}, {'M', M}, {'G', G}};
constexpr Unit time_units[] = {{'s', 1}, {'m', 60}, {'h', hour}, {'d', day}};

std::optional<std::uint64_t> parse_number(std::string_view written, std::span<Unit const> units) {
    std::uint64_t value = 0;
    auto const [end, error] = std::from_chars(written.data(), written.data() + written.size(), value);
    if (error != std::errc{}) return std::nullopt;
    std::string_view const rest(end, written.data() + written.size());
    if (rest.empty()) return value;
    auto const unit = std::ranges::find(units, rest.front(), &Unit::letter);
    if (rest.size() != 1 || unit == units.end()) return std::nullopt;
    if (value > std::numeric_limits<std::uint64_t>::max() / unit->factor) return std::nullopt;
    return value * unit->factor;
}

std::span<Unit const> units_of(SettingType type) {
    switch (type) {
    case SettingType::bytes: return byte_units;
    case SettingType::seconds: return time_units;
    case SettingType::text:
    case SettingType::flag:
    case SettingType::count:
    case SettingType::list:
    case SettingType::masks:
    case SettingType::schedule:
    case SettingType::name_servers: break;
    }
    return {};
}

// The largest unit that divides it: 52428800 is 50M.
std::string write_number(std::uint64_t value, SettingType type) {
    Unit best{'\0', 1};
    for (Unit const& unit : units_of(type))
        if (value != 0 && value % unit.factor == 0 && unit.factor >= best.factor) best = unit;
    if (best.letter == '\0') return std::format("{}", value);
    return std::format("{}{}", value / best.factor, best.letter);
}

SettingRow const* find_row(std::string_view name) {
    auto const row = std::ranges::find(settings, name, &SettingRow::name);
    return row == std::end(settings) ? nullptr : row;
}

SettingRow const& row_of(std::string_view name, SettingType type) {
    SettingRow const* row = find_row(name);
    if (row == nullptr || row->type != type) throw std::logic_error(std::format("no setting {} of that type", name));
    return *row;
}

bool has_control(std::string_view value) {
    return std::ranges::any_of(value, [](char octet) { return static_cast<unsigned char>(octet) < ' '; });
}

std::expected<void, std::string> validate(SettingRow const& row, std::string_view value) {
    switch (row.type) {
    case SettingType::text:
    case SettingType::list:
        if (has_control(value)) return std::unexpected(std::format("{} must not hold control characters", row.name));
        return {};
    case SettingType::masks:
        if (auto const rules = parse_mask_rules(value); !rules)
            return std::unexpected(std::format("{}: {}", row.name, rules.error()));
        return {};
    case SettingType::schedule:
        if (auto const schedule = Schedule::parse(value); !schedule)
            return std::unexpected(std::format("{}: {}", row.name, schedule.error()));
        return {};
    case SettingType::name_servers:
        if (auto const servers = parse_name_servers(value); !servers)
            return std::unexpected(std::format("{}: {}", row.name, servers.error()));
        return {};
    case SettingType::flag:
        if (value == "yes" || value == "no") return {};
        return std::unexpected(std::format("{} is yes or no, not \"{}\"", row.name, value));
    case SettingType::count:
    case SettingType::bytes:
    case SettingType::seconds: break;
    }
    auto const parsed = parse_number(value, units_of(row.type));
    if (parsed && *parsed >= row.least && *parsed <= row.most) return {};
    return std::unexpected(std::format("{} is a number from {} to {}, not \"{}\"", row.name,
                                       write_number(row.least, row.type), write_number(row.most, row.type), value));
}

} // namespace

std::span<SettingRow const> setting_table() { return settings; }

std::optional<std::uint64_t> parse_bytes(std::string_view written) { return parse_number(written, byte_units); }
std::optional<std::uint64_t> parse_count(std::string_view written) { return parse_number(written, {}); }

std::optional<std::chrono::seconds> parse_seconds(std::string_view written) {
    auto const parsed = parse_number(written, time_units);
    if (!parsed || *parsed > longest_time) return std::nullopt;
    return std::chrono::seconds{*parsed};
}

std::string_view Settings::value_of(std::string_view name, SettingType type) const {
    SettingRow const& row = row_of(name, type);
    auto const own = values_.find(name);
    return own == values_.end() ? row.default_value : std::string_view(own->second);
}

std::uint64_t Settings::number_of(std::string_view name, SettingType type) const {
    return parse_number(value_of(name, type), units_of(type)).value();
}

std::string_view Settings::text(std::string_view name) const { return value_of(name, SettingType::text); }
bool Settings::flag(std::string_view name) const { return value_of(name, SettingType::flag) == "yes"; }
std::uint64_t Settings::count(std::string_view name) const { return number_of(name, SettingType::count); }
std::uint64_t Settings::bytes(std::string_view name) const { return number_of(name, SettingType::bytes); }

std::chrono::seconds Settings::seconds(std::string_view name) const {
    return std::chrono::seconds{number_of(name, SettingType::seconds)};
}

std::vector<std::string> Settings::list(std::string_view name) const {
    auto const items = words(value_of(name, SettingType::list));
    return {items.begin(), items.end()};
}

std::vector<MaskRule> Settings::masks(std::string_view name) const {
    return parse_mask_rules(value_of(name, SettingType::masks)).value();
}

Schedule Settings::schedule(std::string_view name) const {
    return Schedule::parse(value_of(name, SettingType::schedule)).value();
}

std::vector<NameServer> Settings::name_servers(std::string_view name) const {
    return parse_name_servers(value_of(name, SettingType::name_servers)).value();
}

std::expected<void, std::string> Settings::set(std::string_view name, std::string_view value) {
    SettingRow const* row = find_row(name);
    if (row == nullptr) return std::unexpected(std::format("there is no setting {}", name));
    if (auto valid = validate(*row, value); !valid) return valid;
    if (value == row->default_value)
        values_.erase(std::string(name));
    else
        values_.insert_or_assign(std::string(name), std::string(value));
    return {};
}

void Settings::reset(std::string_view name) {
    if (auto const own = values_.find(name); own != values_.end()) values_.erase(own);
}

std::optional<std::string> Settings::written(std::string_view name) const {
    SettingRow const* row = find_row(name);
    if (row == nullptr) return std::nullopt;
    return std::string(value_of(name, row->type));
}

bool Settings::is_default(std::string_view name) const { return values_.find(name) == values_.end(); }

} // namespace postern::core
