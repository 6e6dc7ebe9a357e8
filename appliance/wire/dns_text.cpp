#include "wire/dns_text.h"

#include "text/ascii.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <format>
#include <limits>
#include <utility>
#include <vector>

namespace postern::wire::dns {

namespace {

struct TypeRow {
    Type type;
    std::string_view name;
};
constexpr TypeRow types[] = {
    {Type::a, "A"},     {Type::ns, "NS"},   {Type::cname, "CNAME"}, {Type::soa, "SOA"},
    {Type::ptr, "PTR"}, {Type::mx, "MX"},   {Type::txt, "TXT"},     {Type::aaaa, "AAAA"},
    {Type::srv, "SRV"}, {Type::opt, "OPT"}, {Type::any, "ANY"},
};
constexpr std::string_view type_prefix = "TYPE"; // RFC 3597 §5
constexpr std::string_view octets_follow = "\\#";

constexpr std::size_t longest_string = 255; // RFC 1035 §3.3
constexpr std::size_t longest_data = 16 * 1024;

template <typename Number> std::optional<Number> parse_number(std::string_view written) {
    Number number{};
    auto const [end, error] = std::from_chars(written.data(), written.data() + written.size(), number);
    if (error != std::errc{} || end != written.data() + written.size()) return std::nullopt;
    return number;
}

// Takes what is written apart. The first fault stays.
class Words {
public:
    explicit Words(std::string_view written) : rest_(written) { skip(); }

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] std::string const& fault() const { return fault_; }
    void fail(std::string why) {
        if (fault_.empty()) fault_ = std::move(why);
        rest_ = {};
    }

    // As it stands there; escapes are the reader's.
    std::string_view word() {
        std::size_t end = 0;
        while (end < rest_.size() && !text::is_blank(rest_[end])) end += rest_[end] == '\\' ? 2 : 1;
        std::string_view const taken = rest_.substr(0, end);
        if (taken.empty()) fail("something is missing at the end");
        rest_.remove_prefix(taken.size());
        skip();
        return taken;
    }

    std::string string() {
        bool const quoted = rest_.starts_with('"');
        if (quoted) rest_.remove_prefix(1);
        std::string octets;
        while (!rest_.empty() && (quoted ? rest_.front() != '"' : !text::is_blank(rest_.front()))) {
            if (rest_.front() != '\\') {
                octets += rest_.front();
                rest_.remove_prefix(1);
            } else if (!escape(octets)) {
                fail("after a \\ comes a character, or three digits up to 255");
                return {};
            }
        }
        if (quoted && rest_.empty()) {
            fail("a \" is missing at the end");
            return {};
        }
        if (quoted) rest_.remove_prefix(1);
        skip();
        return octets;
    }

    template <typename Number> Number number() {
        std::string_view const written = word();
        if (!fault_.empty()) return {};
        auto const value = parse_number<Number>(written);
        if (!value) fail(std::format("{} is no number up to {}", written, std::numeric_limits<Number>::max()));
        return value.value_or(Number{});
    }

    Name name(Name const& origin) {
        std::string_view const written = word();
        if (!fault_.empty()) return {};
        auto name = parse_name(written, origin);
        if (!name) fail(std::move(name.error()));
        return name.value_or(Name());
    }

private:
    void skip() {
        while (!rest_.empty() && text::is_blank(rest_.front())) rest_.remove_prefix(1);
    }
    bool escape(std::string& octets) {
        rest_.remove_prefix(1);
        if (rest_.empty()) return false;
        if (!text::is_digit(rest_.front())) {
            octets += rest_.front();
            rest_.remove_prefix(1);
            return true;
        }
        constexpr std::size_t digits = 3;
        auto const value = parse_number<std::uint8_t>(rest_.substr(0, digits));
        if (!value || rest_.size() < digits) return false;
        octets += static_cast<char>(*value);
        rest_.remove_prefix(digits);
        return true;
    }

    std::string_view rest_;
    std::string fault_;
};

// RFC 1035 §3.4.1: four numbers.
Data read_a(Words& in) {
    std::string_view const written = in.word();
    A a;
    std::string_view rest = written;
    for (std::size_t i = 0; i < a.address.size(); ++i) {
        auto const digits = rest.substr(0, rest.find('.'));
        auto const value = digits.size() > 3 ? std::nullopt : parse_number<std::uint8_t>(digits);
        bool const last = i + 1 == a.address.size();
        if (!value || (rest.size() == digits.size()) != last) {
            in.fail(std::format("{} is no IPv4 address, such as 192.168.1.20", written));
            return a;
        }
        a.address[i] = *value;
        rest.remove_prefix(std::min(digits.size() + 1, rest.size()));
    }
    return a;
}

// RFC 4291 §2.2: eight groups, of which a row of zeros may be "::".
std::optional<Aaaa> parse_aaaa(std::string_view written) {
    std::vector<std::uint16_t> groups;
    std::optional<std::size_t> gap;
    std::string_view rest = written;
    if (rest.starts_with("::")) {
        gap = 0;
        rest.remove_prefix(2);
    }
    while (!rest.empty()) {
        std::string_view const digits = rest.substr(0, rest.find(':'));
        std::uint16_t group = 0;
        auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), group, 16);
        if (error != std::errc{} || end != digits.data() + digits.size() || digits.size() > 4) return std::nullopt;
        groups.push_back(group);
        rest.remove_prefix(digits.size());
        if (rest.starts_with("::")) {
            if (gap) return std::nullopt;
            gap = groups.size();
            rest.remove_prefix(2);
        } else if (rest.starts_with(":")) {
            rest.remove_prefix(1);
            if (rest.empty()) return std::nullopt;
        }
    }
    constexpr std::size_t all = 8;
    if (gap ? groups.size() >= all : groups.size() != all) return std::nullopt;
    if (gap) groups.insert(groups.begin() + static_cast<std::ptrdiff_t>(*gap), all - groups.size(), 0);
    Aaaa aaaa;
    for (std::size_t i = 0; i < all; ++i) {
        aaaa.address[2 * i] = static_cast<unsigned char>(groups[i] >> 8);
        aaaa.address[2 * i + 1] = static_cast<unsigned char>(groups[i]);
    }
    return aaaa;
}

Data read_aaaa(Words& in) {
    std::string_view const written = in.word();
    auto const aaaa = parse_aaaa(written);
    if (!aaaa) in.fail(std::format("{} is no IPv6 address, such as fd00::20", written));
    return aaaa.value_or(Aaaa{});
}

Data read_txt(Words& in) {
    Txt txt;
    do {
        std::string const whole = in.string();
        std::string_view rest = whole;
        do {
            txt.strings.emplace_back(rest.substr(0, longest_string));
            rest.remove_prefix(txt.strings.back().size());
        } while (!rest.empty());
    } while (!in.at_end());
    return txt;
}

// RFC 3597 §5: "\# 4 C0000201", the digits in any number of words.
std::string read_octets(Words& in) {
    auto const size = in.number<std::uint16_t>();
    std::string octets;
    std::optional<int> high;
    while (!in.at_end()) {
        for (char const digit : in.word()) {
            int const value = text::hex_value(digit);
            if (value < 0) in.fail(std::format("\"{}\" is no hexadecimal digit", digit));
            if (high) octets += static_cast<char>(*high << 4 | value);
            high = high ? std::nullopt : std::optional(value);
        }
    }
    if (octets.size() != size || high) in.fail("there are not as many octets as is said");
    return octets;
}

// What the octets are in a record of that type.
std::optional<Data> typed(Type type, std::string octets) {
    Message message;
    message.answers = {{Name(), Seconds(0), Opaque{type, std::move(octets)}}};
    auto read = parse_message(format(message));
    if (read.outcome != Reading::message || read.message.answers.empty()) return std::nullopt;
    return std::move(read.message.answers.front().data);
}

Data read_data(Words& in, Type type, Name const& origin) {
    switch (type) {
    case Type::a: return read_a(in);
    case Type::aaaa: return read_aaaa(in);
    case Type::ns: return Ns{in.name(origin)};
    case Type::cname: return Cname{in.name(origin)};
    case Type::ptr: return Ptr{in.name(origin)};
    case Type::txt: return read_txt(in);
    case Type::mx: {
        auto const preference = in.number<std::uint16_t>();
        return Mx{preference, in.name(origin)};
    }
    case Type::srv: {
        auto const priority = in.number<std::uint16_t>(), weight = in.number<std::uint16_t>(),
                   port = in.number<std::uint16_t>();
        return Srv{priority, weight, port, in.name(origin)};
    }
    case Type::soa: {
        Soa soa;
        soa.primary = in.name(origin);
        soa.mailbox = in.name(origin);
        soa.serial = in.number<std::uint32_t>();
        for (auto* const time : {&soa.refresh, &soa.retry, &soa.expire, &soa.minimum})
            *time = Seconds(in.number<std::uint32_t>());
        return soa;
    }
    case Type::opt:
    case Type::any: break;
    }
    in.fail(std::format("data of type {} is written as \\# SIZE HEXADECIMAL", describe(type)));
    return Opaque{type, {}};
}

std::string whole(Name const& name) {
    std::string text = name.text();
    if (!text.ends_with('.') || !name.wire().empty()) text += '.';
    return text;
}

struct Formatter {
    std::string operator()(A const& a) const {
        return std::format("{}.{}.{}.{}", a.address[0], a.address[1], a.address[2], a.address[3]);
    }
    // RFC 5952 §4, but for the addresses with an IPv4 one in them: the longest row of zero groups is left out.
    std::string operator()(Aaaa const& aaaa) const {
        std::array<unsigned, 8> groups{};
        for (std::size_t i = 0; i < groups.size(); ++i)
            groups[i] = static_cast<unsigned>(aaaa.address[2 * i]) << 8 | aaaa.address[2 * i + 1];
        std::size_t gap = groups.size(), gap_size = 1;
        for (std::size_t i = 0; i < groups.size(); ++i) {
            std::size_t size = 0;
            while (i + size < groups.size() && groups[i + size] == 0) ++size;
            if (size > gap_size) {
                gap = i;
                gap_size = size;
            }
        }
        std::string text;
        for (std::size_t i = 0; i < groups.size(); ++i) {
            if (i == gap) {
                text += "::";
                i += gap_size - 1;
                continue;
            }
            if (!text.empty() && !text.ends_with(':')) text += ':';
            text += std::format("{:x}", groups[i]);
        }
        return text;
    }
    std::string operator()(Ns const& ns) const { return whole(ns.host); }
    std::string operator()(Cname const& cname) const { return whole(cname.canonical); }
    std::string operator()(Ptr const& ptr) const { return whole(ptr.target); }
    std::string operator()(Mx const& mx) const { return std::format("{} {}", mx.preference, whole(mx.exchange)); }
    std::string operator()(Txt const& txt) const {
        std::string text;
        for (std::string const& string : txt.strings) text += (text.empty() ? "" : " ") + quote(string);
        return text;
    }
    std::string operator()(Srv const& srv) const {
        return std::format("{} {} {} {}", srv.priority, srv.weight, srv.port, whole(srv.target));
    }
    std::string operator()(Soa const& soa) const {
        return std::format("{} {} {} {} {} {} {}", whole(soa.primary), whole(soa.mailbox), soa.serial,
                           soa.refresh.count(), soa.retry.count(), soa.expire.count(), soa.minimum.count());
    }
    std::string operator()(Opaque const& opaque) const {
        std::string text = std::format("{} {}", octets_follow, opaque.octets.size());
        if (!opaque.octets.empty()) text += ' ';
        for (char const octet : opaque.octets) text += std::format("{:02X}", static_cast<unsigned char>(octet));
        return text;
    }
};

} // namespace

std::string describe(Type type) {
    auto const row = std::ranges::find(types, type, &TypeRow::type);
    if (row != std::end(types)) return std::string(row->name);
    return std::format("{}{}", type_prefix, static_cast<unsigned>(type));
}

std::optional<Type> parse_type(std::string_view written) {
    for (TypeRow const& row : types)
        if (text::iequals(row.name, written)) return row.type;
    if (!text::istarts_with(written, type_prefix)) return std::nullopt;
    auto const number = parse_number<std::uint16_t>(written.substr(type_prefix.size()));
    return number ? std::optional(static_cast<Type>(*number)) : std::nullopt;
}

std::expected<Name, std::string> parse_name(std::string_view written, Name const& origin) {
    if (written == "@") return origin;
    auto const name = Name::parse(written);
    if (!name) return std::unexpected(std::format("{} is no name", written));
    bool const is_whole = written.ends_with('.') && !written.ends_with("\\.");
    if (is_whole || name->is_within(origin)) return *name;
    auto const below = Name::parse(name->text() + "." + origin.text());
    if (!below) return std::unexpected(std::format("{} is too long", written));
    std::size_t const one_label = 1 + static_cast<std::size_t>(name->wire().front());
    if (name->wire().size() == one_label) return *below;
    return std::unexpected(
        std::format("{} may be a whole name, which ends with a dot, or one below {}, which is written "
                    "to its end: {}. or {}.",
                    written, origin.text(), name->text(), below->text()));
}

std::expected<Data, std::string> parse_data(Type type, std::string_view written, Name const& origin) {
    if (written.size() > longest_data) return std::unexpected("that is too much for one record");
    Words in(written);
    bool const is_octets = written.starts_with(octets_follow);
    if (is_octets) {
        (void)in.word();
        auto octets = read_octets(in);
        if (!in.fault().empty()) return std::unexpected(in.fault());
        if (auto data = typed(type, std::move(octets))) return *data;
        return std::unexpected(std::format("that is no data of type {}", describe(type)));
    }
    Data data = read_data(in, type, origin);
    if (!in.at_end()) in.fail(std::format("that is too much for one record of type {}", describe(type)));
    if (!in.fault().empty()) return std::unexpected(in.fault());
    return data;
}

std::string format_data(Data const& data) { return std::visit(Formatter(), data); }

std::string quote(std::string_view octets) {
    std::string text = "\"";
    for (char const octet : octets) {
        if (octet == '"' || octet == '\\')
            text += {'\\', octet};
        else if (text::is_visible(octet) || octet == ' ')
            text += octet;
        else
            text += std::format("\\{:03}", static_cast<unsigned char>(octet));
    }
    return text + '"';
}

} // namespace postern::wire::dns
